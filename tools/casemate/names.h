/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of an audit record in words. Never NULL; "?" for the unknown. */
#pragma once

#include <stdint.h>

const char *name_class(uint32_t cls);
const char *name_permission(uint32_t cls, uint32_t permission);
/* Of enum casemate_policy. */
const char *name_outcome(uint32_t outcome);
const char *name_cause(uint32_t cause);
/* Into `text`: "event_channel_op/bind_interdomain" or numbers. */
#define NAME_HYPERCALL_BYTES 64u
void name_hypercall(uint32_t number, uint32_t sub_op,
		    char text[NAME_HYPERCALL_BYTES]);
