/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that led to a panic, as addresses: the core has no frame pointers
 * and no tables to unwind by. What looks like a return address may be a call
 * that is over; who decodes it (tools/debug/decode) sees whether it fits. */
#include "hw/x86/x86.h"

#define CALL_BYTES 5u /* E8 and a distance; other calls are not found */
#define CALL_OPCODE 0xe8u

/* core.lds */
extern const u8 image_start[], image_text_end[];

u64 stack_struck;

/* The end of the stack of this processor that `at` is on; 0: of none. */
static u64 stack_end(u64 at)
{
	const struct stack *s = cpus[hw_cpu()].stacks;
	u64 i = (at - (u64)s) / sizeof(*s);

	return i < CPU_STACKS && at >= (u64)s[i].body ? (u64)(s + i + 1) : 0;
}

static bool is_after_call(u64 at)
{
	return at >= (u64)image_start + CALL_BYTES &&
	       at < (u64)image_text_end &&
	       ((const u8 *)at)[0 - (long)CALL_BYTES] == CALL_OPCODE;
}

u32 hw_stack_calls(const void *frame, u64 *out, u32 max)
{
	u64 at = (stack_struck != 0 ? stack_struck : (u64)frame) & ~7ull;
	u64 end = stack_end(at);
	u32 n = 0;

	for (; at < end && n < max; at += sizeof(u64)) {
		u64 value = *(const u64 *)at;

		if (is_after_call(value)) {
			out[n] = value;
			n++;
		}
	}
	return n;
}

/* FNV-1a. */
u32 hw_text_sum(void)
{
	const u8 *at;
	u32 sum = 0x811c9dc5u;

	for (at = image_start; at < image_text_end; at++) {
		sum = (sum ^ *at) * 0x01000193u;
	}
	return sum;
}
