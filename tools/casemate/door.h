/* SPDX-License-Identifier: Apache-2.0 */
/* The door to the core: control hypercalls (core/abi/control.h). */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "abi/control.h"
#include "launch/fail.h"

/* Linux gives one open file at most 64 pages of hypercall memory
 * (privcmd-buf); one page of it carries the arguments. */
#define DOOR_BUFFER_PAGES 48u

struct door;

/* NULL, with a text that names the remedy, when there is no core to talk to or
 * it speaks another version of the interface. */
struct door *door_open(struct fail *fail);
void door_close(struct door *door);

/* Page-aligned memory of DOOR_BUFFER_PAGES pages that the core can read. */
uint8_t *door_buffer(struct door *door);

/* One control call; `arg` goes in and comes back. 0 or a negative errno. */
int door_call(struct door *door, enum casemate_ctl op, void *arg, size_t bytes);

/* Sets `fail` to "<what>: <reason of rc>; <remedy>". Returns -1. */
int door_fail(struct fail *fail, int rc, const char *what);
