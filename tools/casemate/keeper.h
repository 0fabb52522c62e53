/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: one small process for each guest. While `create` works, it waits
 * for that process to end, and cleans up if it was killed; afterwards it waits
 * for the guest to end, and destroys or re-creates it.
 */
#pragma once

#include <stdint.h>

#include "launch/fail.h"

/* Fork a keeper for the guest of this name. Call it early, while the process
 * is small. Returns the descriptor whose end tells the keeper that the caller
 * is gone, or -1. */
int keeper_fork(const char *guest_name, struct fail *fail);

/* Tell it which domain was made. */
void keeper_tell(int fd, uint32_t domid, uint64_t created_ns);
