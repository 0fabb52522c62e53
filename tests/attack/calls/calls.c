/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: no hypercall, sub-op or argument page does more than the interface
 * says: every number and sub-op, wild ones too, with addresses that are not
 * there and with pages of zeroes, of ones and of noise. Numbers that have no
 * operation are -ENOSYS, and what needs a right that this guest lacks fails. */
#include "attack.h"

const char claim_name[] = "calls";

#define CONTROL 55u
#define DOMCTL 36u
#define NOISE_PAGES 4u

static const u64 nowhere[] = { HOLE * PAGE,	   1ull << 32,	 1ull << 47,
			       0xffff800000000000, ~0ull - 4095, ~0ull };

static void fill(u32 kind)
{
	u64 *words = (void *)spare[0];
	u32 i;

	for (i = 0; i < NOISE_PAGES * PAGE / 8; i++) {
		words[i] = kind == 0 ? 0 : kind == 1 ? ~0ull : random64();
	}
}

/* Stopping, sleeping and the serial line, on which the tests themselves talk,
 * are this guest's good right. */
static bool is_its_right(u64 call, u64 op)
{
	return (call == __HYPERVISOR_sched_op && op >= SCHEDOP_block &&
		op <= SCHEDOP_poll) ||
	       (call == __HYPERVISOR_console_io && op == CONSOLEIO_write);
}

static long one(u64 call, u64 op, u64 address)
{
	/* An array of grant operations ends; other third arguments are
	 * addresses. */
	bool is_grant = call == __HYPERVISOR_grant_table_op;
	bool is_third = call == __HYPERVISOR_vcpu_op;
	u64 second = is_third ? 0 : address;
	u64 third = is_grant ? random64() % 64 : address;

	return hypercall(call, op, second, third, 0, 0);
}

static void sweep(void)
{
	u64 call, op;
	u32 i;

	for (call = 0; call < 64; call++) {
		for (op = 0; op < 64; op++) {
			for (i = 0; i < COUNT(nowhere); i++) {
				if (!is_its_right(call, op) || op != 1) {
					(void)one(call, op, nowhere[i]);
				}
			}
			for (i = 0; i < 6 && !is_its_right(call, op); i++) {
				fill(i);
				(void)one(call, op, (u64)spare[0]);
			}
		}
	}
}

static void check_unknown(void)
{
	static const u8 none[] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,
				   13, 15, 19, 26, 27, 28, 30, 31, 33,
				   35, 37, 40, 41, 48, 49, 54, 63 };
	u32 i, j;

	fill(2);
	for (i = 0; i < COUNT(none); i++) {
		for (j = 0; j < wild_count; j++) {
			CHECK_IS(one(none[i], wild[j], (u64)spare[0]), E_NOSYS);
		}
	}
	for (i = 0; i < wild_count; i++) {
		if (wild[i] < 64) {
			continue;
		}
		CHECK_IS(one(wild[i], 0, (u64)spare[0]), E_NOSYS);
		CHECK_IS(one(__HYPERVISOR_event_channel_op, wild[i],
			     (u64)spare[0]),
			 E_NOSYS);
		CHECK_IS(one(__HYPERVISOR_grant_table_op, wild[i],
			     (u64)spare[0]),
			 E_NOSYS);
		CHECK_IS(one(CONTROL, wild[i], (u64)spare[0]), E_NOSYS);
	}
}

/* dom0's interface: nothing of it works here, whomever it names. Labels (9)
 * are the one thing that the policy lets tests ask. */
static void check_control(void)
{
	u32 *words = (void *)spare[0];
	u32 op, domid, i;

	for (op = 0; op < 64; op++) {
		for (domid = 0; domid < GUESTS + 2; domid++) {
			memset(spare[0], 0, PAGE);
			words[0] = domid;
			words[1] = 1;
			words[2] = 64;
			words[4] = 1;
			if (op != 9 && one(CONTROL, op, (u64)words) >= 0 &&
			    !(op == 8 && words[0] == own_domid())) {
				fail("control %u of %u", op, domid);
			}
		}
		for (i = 0; i < wild_count && op != 9; i++) {
			words[0] = (u32)wild[i];
			CHECK(one(CONTROL, op, (u64)words) < 0 || op == 8);
		}
	}
	for (op = 0; op < 90; op++) {
		memset(spare[0], 0, PAGE);
		words[0] = op;
		words[1] = 0x15;
		CHECK(hypercall(DOMCTL, (u64)words, 0, 0, 0, 0) < 0);
	}
}

void claim(void)
{
	start_check();
	check_unknown();
	check_control();
	sweep();
	use_shared(shared);
	reach_check();
}
