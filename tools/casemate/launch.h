/* SPDX-License-Identifier: Apache-2.0 */
/* Carry a launch plan out on the core, and undo it when that fails. */
#pragma once

#include "casemate/domain.h"
#include "launch/layout.h"

struct launch {
	struct door *door;
	struct store *store;
	const struct guest *guest;
	uint32_t label;
	uint32_t start_flags;
	int keeper_fd;	      /* told of the domain once it exists */
	struct record record; /* in: name, config, uuid, on_crash */
	int record_fd;	      /* held until the process ends */
	struct ctl_create made;
	bool is_made;
	uint8_t digest[48];
};

/* 0: the guest runs (or is paused). -1: nothing of it is left; where that was
 * impossible, fail says so. */
int launch_run(struct launch *launch, const struct plan *plan,
	       struct fail *fail);

/* From now on SIGINT, SIGTERM and SIGHUP make a launch fail at its next step
 * instead of ending the process. */
void launch_catch_signals(void);
/* The signal that was caught, or 0. */
int launch_signal(void);
