/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#define CASEMATE_VERSION "0.1"
