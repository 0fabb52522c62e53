/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core and a xenstore made of files, for casemate's tests. They stand behind
 * libxencall's and libxenstore's functions, so that all of casemate is tested.
 * State is kept in the directory $CASEMATE_FAKE and outlives a process.
 *
 * Each control call and each xenstore call of the first process is a step:
 *   CASEMATE_FAKE_FAIL=N:ERRNO    step N fails
 *   CASEMATE_FAKE_SIGNAL=N:SIGNAL the process gets a signal before step N
 * CASEMATE_FAKE_NO_STORE=1 is a dead xenstored, CASEMATE_FAKE_FRAMES=N a
 * machine with N frames for guests. A file $CASEMATE_FAKE/poke holds events:
 *   shutdown DOMID REASON | audit COUNT
 */
#pragma once

/* The step's errno, or 0. Sends the signal if it is due. */
int fake_step(const char *what);
/* $CASEMATE_FAKE/NAME in a static buffer (one of four). */
const char *fake_path(const char *name);
