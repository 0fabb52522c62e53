/* SPDX-License-Identifier: Apache-2.0 */
/* <string.h> for the one source file the core shares with hosted tools. */
#pragma once

#include "lib/mem.h"
