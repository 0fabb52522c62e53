/* SPDX-License-Identifier: Apache-2.0 */
/* casemate-policy import: the words after "casemate-policy". */
#pragma once

int cmd_import(int argc, char **argv);
