/* SPDX-License-Identifier: Apache-2.0 */
/* The local APIC of a guest: priorities, end of interrupt, start-up of
 * processors, and registers that do not exist. */
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "fake_guest.h"
#include "fake_policy.h"
#include "vmm/cpu_model.h"
#include "vmm/sched.h"

#include <cmocka.h>

#define X2(reg) (0x800u + (reg))
#define TPR X2(0x08)
#define PPR X2(0x0a)
#define EOI X2(0x0b)
#define LDR X2(0x0d)
#define SVR X2(0x0f)
#define ESR X2(0x28)
#define ICR X2(0x30)
#define SELF_IPI X2(0x3f)
#define TO(id) ((u64)(id) << 32)
#define INIT 0x4500u
#define SIPI(vector) (0x4600u | (vector))
#define ALL 0xffffffffull

static struct domain *d;
static struct vcpu *bsp, *ap, *third;

static int setup(void **state)
{
	(void)state;
	fake_power_on();
	fake_policy_open();
	d = guest_make(1, LB_RED, 3, 32);
	bsp = &d->vcpus[0];
	ap = &d->vcpus[1];
	third = &d->vcpus[2];
	return 0;
}

static u64 get(struct vcpu *v, u32 msr)
{
	u64 value = ~0ull;

	assert_true(vapic_read(v, msr, &value));
	return value;
}

static void put(struct vcpu *v, u32 msr, u64 value)
{
	assert_true(vapic_write(v, msr, value));
}

static bool is_set(struct vcpu *v, u32 first, u8 vector)
{
	return (get(v, X2(first) + vector / 32u) >> (vector % 32u) & 1u) != 0;
}

static const struct hw_exit irq_exit = { .reason = CTL_EXIT_IRQ };

static void leave(bool is_taken)
{
	fake_of(&bsp->hw)->is_taken = is_taken;
	vcpu_exit(bsp, &irq_exit);
}

/* The guest is entered and takes the interrupt. */
static void accept(u8 vector)
{
	vcpu_prepare(bsp);
	assert_int_equal(fake_of(&bsp->hw)->offered, vector);
	leave(true);
}

static void test_reset(void **state)
{
	u32 i;

	(void)state;
	assert_int_equal(get(bsp, X2(2)), 0);
	assert_int_equal(get(ap, X2(2)), 2);
	assert_int_equal(get(third, X2(2)), 4);
	assert_int_equal(get(third, LDR), 1u << 4);
	assert_int_equal(get(bsp, SVR), 0xff);
	for (i = 0; i < 6; i++) {
		assert_int_equal(get(bsp, X2(0x32) + i), 1u << 16);
	}
	assert_int_equal(vapic_pending(bsp), -1);
}

static void test_accept_eoi(void **state)
{
	(void)state;
	put(bsp, SELF_IPI, 0x41);
	assert_true(is_set(bsp, 0x20, 0x41));
	assert_int_equal(vapic_pending(bsp), 0x41);
	accept(0x41);
	assert_false(is_set(bsp, 0x20, 0x41));
	assert_true(is_set(bsp, 0x10, 0x41));
	assert_int_equal(vapic_pending(bsp), -1);
	put(bsp, SELF_IPI, 0x41); /* again while in service: waits */
	assert_int_equal(vapic_pending(bsp), -1);
	put(bsp, EOI, 0);
	assert_false(is_set(bsp, 0x10, 0x41));
	assert_int_equal(vapic_pending(bsp), 0x41);
	accept(0x41);
	put(bsp, EOI, 0);
	put(bsp, EOI, 0); /* none in service: nothing happens */
	assert_int_equal(vapic_pending(bsp), -1);
}

static void test_nesting(void **state)
{
	(void)state;
	put(bsp, SELF_IPI, 0x31);
	accept(0x31);
	put(bsp, SELF_IPI, 0x3f); /* same class: waits */
	assert_int_equal(vapic_pending(bsp), -1);
	assert_int_equal(get(bsp, PPR), 0x30);
	put(bsp, SELF_IPI, 0x40);
	put(bsp, SELF_IPI, 0xef);
	assert_int_equal(vapic_pending(bsp), 0xef); /* highest first */
	accept(0xef);
	assert_int_equal(get(bsp, PPR), 0xe0);
	put(bsp, EOI, 0); /* ends the highest */
	assert_false(is_set(bsp, 0x10, 0xef));
	assert_true(is_set(bsp, 0x10, 0x31));
	assert_int_equal(vapic_pending(bsp), 0x40);
	accept(0x40);
	put(bsp, EOI, 0);
	put(bsp, EOI, 0);
	assert_int_equal(vapic_pending(bsp), 0x3f);
}

static void test_tpr(void **state)
{
	u32 class;

	(void)state;
	put(bsp, SELF_IPI, 0x75);
	for (class = 0; class < 16; class ++) {
		put(bsp, TPR, class << 4);
		assert_int_equal(get(bsp, PPR), class << 4);
		assert_int_equal(vapic_pending(bsp), class < 7 ? 0x75 : -1);
	}
	put(bsp, TPR, 0x6f); /* the low half is no class */
	assert_int_equal(vapic_pending(bsp), 0x75);
	assert_int_equal(get(bsp, PPR), 0x6f);
}

/* Every vector goes through all its states; below 16 none exists. */
static void test_all_vectors(void **state)
{
	u32 vector;

	(void)state;
	for (vector = 0; vector < 256; vector++) {
		put(bsp, SELF_IPI, vector);
		assert_int_equal(vapic_pending(bsp),
				 vector < 16 ? -1 : (int)vector);
		if (vector >= 16) {
			accept((u8)vector);
			assert_int_equal(get(bsp, PPR), vector & 0xf0u);
			put(bsp, EOI, 0);
		}
		assert_int_equal(get(bsp, PPR), 0);
	}
}

static void test_init_sipi(void **state)
{
	(void)state;
	put(bsp, ICR, TO(2) | SIPI(8)); /* no INIT yet */
	assert_int_equal(ap->run.state, VCPU_DOWN);
	put(bsp, ICR, TO(2) | INIT);
	assert_int_equal(ap->run.state, VCPU_DOWN);
	assert_int_equal(third->run.state, VCPU_DOWN);
	put(bsp, ICR, TO(4) | SIPI(9)); /* of another one */
	assert_int_equal(third->run.state, VCPU_DOWN);
	fake_of(&ap->hw)->resets = 0;
	put(bsp, ICR, TO(2) | SIPI(0x9a));
	assert_int_equal(ap->run.state, VCPU_RUNNABLE);
	assert_int_equal(fake_of(&ap->hw)->sipi, 0x9a);
	assert_int_equal(fake_of(&ap->hw)->resets, 1);
	put(bsp, ICR, TO(2) | SIPI(0x55)); /* the second is ignored */
	assert_int_equal(fake_of(&ap->hw)->sipi, 0x9a);
	put(bsp, ICR, TO(2) | INIT); /* up already: no reset */
	put(bsp, ICR, TO(2) | SIPI(0x55));
	assert_int_equal(fake_of(&ap->hw)->resets, 1);
	assert_int_equal(get(bsp, ICR), TO(2) | SIPI(0x55));
}

/* De-assertion (level = 0) is no INIT. */
static void test_init_deassert(void **state)
{
	(void)state;
	put(bsp, ICR, TO(2) | 0x8500u);
	put(bsp, ICR, TO(2) | SIPI(1));
	assert_int_equal(ap->run.state, VCPU_DOWN);
}

/* Started again after it switched itself off. */
static void test_restart(void **state)
{
	(void)state;
	put(bsp, ICR, TO(2) | INIT);
	put(bsp, ICR, TO(2) | SIPI(1));
	ap->run.state = VCPU_DOWN;
	put(bsp, ICR, TO(2) | SIPI(2)); /* needs an INIT of its own */
	assert_int_equal(ap->run.state, VCPU_DOWN);
	put(bsp, ICR, TO(2) | INIT);
	put(bsp, ICR, TO(2) | SIPI(2));
	assert_int_equal(ap->run.state, VCPU_RUNNABLE);
	assert_int_equal(fake_of(&ap->hw)->sipi, 2);
}

static void up(struct vcpu *v)
{
	v->run.state = VCPU_BLOCKED;
}

static void test_ipi(void **state)
{
	(void)state;
	put(bsp, ICR, TO(2) | 0x50u); /* down: lost, as on a machine */
	assert_int_equal(vapic_pending(ap), -1);
	up(ap);
	up(third);
	put(bsp, ICR, TO(2) | 0x50u);
	assert_int_equal(vapic_pending(ap), 0x50);
	assert_int_equal(ap->run.state, VCPU_RUNNABLE); /* woken */
	assert_int_equal(third->run.state, VCPU_BLOCKED);
	put(bsp, ICR, TO(3) | 0x51u); /* nobody has that id */
	put(bsp, ICR, TO(ALL) | 0x52u);
	assert_int_equal(vapic_pending(bsp), 0x52);
	assert_int_equal(vapic_pending(ap), 0x52);
	assert_int_equal(vapic_pending(third), 0x52);
}

static void test_shorthand(void **state)
{
	(void)state;
	up(ap);
	up(third);
	put(ap, ICR, TO(0) | 1u << 18 | 0x60u); /* self */
	assert_int_equal(vapic_pending(ap), 0x60);
	assert_int_equal(vapic_pending(bsp), -1);
	put(ap, ICR, 3u << 18 | 0x61u); /* others */
	assert_int_equal(vapic_pending(ap), 0x60);
	assert_int_equal(vapic_pending(bsp), 0x61);
	assert_int_equal(vapic_pending(third), 0x61);
	put(ap, ICR, 2u << 18 | 0x62u); /* all */
	assert_int_equal(vapic_pending(ap), 0x62);
	assert_int_equal(vapic_pending(bsp), 0x62);
}

/* Delivery modes a guest has no use for change nothing. */
static void test_other_modes(void **state)
{
	static const u32 modes[] = { 2, 3, 4, 7 };
	u32 i;

	(void)state;
	up(ap);
	for (i = 0; i < 4; i++) {
		put(bsp, ICR, TO(2) | modes[i] << 8 | 0x70u);
	}
	assert_int_equal(vapic_pending(ap), -1);
	assert_int_equal(ap->run.state, VCPU_BLOCKED);
}

/* Another domain's processors have the same ids and hear nothing. */
static void test_other_domain(void **state)
{
	struct domain *e = guest_make(2, LB_RED, 3, 32);

	(void)state;
	put(bsp, ICR, TO(ALL) | INIT);
	put(bsp, ICR, TO(ALL) | SIPI(1));
	put(bsp, ICR, TO(ALL) | 0x55u);
	assert_int_equal(ap->run.state, VCPU_RUNNABLE);
	assert_int_equal(e->vcpus[1].run.state, VCPU_DOWN);
	assert_false(e->vcpus[1].apic.init_pending);
	assert_int_equal(vapic_pending(&e->vcpus[0]), -1);
}

/* The registers there are; all others fault, both ways, and change nothing. */
static void test_registers(void **state)
{
	static const u8 readable[] = { 0x02, 0x03, 0x08, 0x0a, 0x0d, 0x0f,
				       0x28, 0x30, 0x32, 0x33, 0x34, 0x35,
				       0x36, 0x37, 0x38, 0x39, 0x3e };
	static const u8 writable[] = {
		0x08, 0x0b, 0x0f, 0x28, 0x30, 0x32, 0x33,
		0x34, 0x35, 0x36, 0x37, 0x38, 0x3e, 0x3f
	};
	struct vapic before;
	u64 value;
	u32 reg;

	(void)state;
	for (reg = 0; reg < 0x40; reg++) {
		bool r = memchr(readable, (int)reg, sizeof(readable)) != NULL;
		bool w = memchr(writable, (int)reg, sizeof(writable)) != NULL;

		r = r || (reg >= 0x10 && reg < 0x28);
		assert_int_equal(vapic_read(bsp, X2(reg), &value), r);
		before = bsp->apic;
		assert_int_equal(vapic_write(bsp, X2(reg), 0), w);
		if (!w) {
			assert_memory_equal(&before, &bsp->apic,
					    sizeof(before));
		}
	}
}

/* 32-bit registers: the upper half is reserved, and a fault has no effect. */
static void test_reserved(void **state)
{
	static const u8 regs[] = { 0x08, 0x0b, 0x0f, 0x28,
				   0x32, 0x38, 0x3e, 0x3f };
	struct vapic before;
	u32 i;

	(void)state;
	put(bsp, SELF_IPI, 0x90);
	accept(0x90);
	before = bsp->apic;
	for (i = 0; i < sizeof(regs); i++) {
		assert_false(vapic_write(bsp, X2(regs[i]), 1ull << 32));
		assert_false(vapic_write(bsp, X2(regs[i]), ~0ull));
		assert_memory_equal(&before, &bsp->apic, sizeof(before));
	}
}

/* EOI and ESR take zero alone, and a faulting write does nothing. */
static void test_nonzero_eoi(void **state)
{
	(void)state;
	put(bsp, SELF_IPI, 0x90);
	accept(0x90);
	assert_false(vapic_write(bsp, EOI, 1));
	assert_true(is_set(bsp, 0x10, 0x90));
	bsp->apic.reg[0x28] = 4;
	assert_false(vapic_write(bsp, ESR, 1));
	assert_int_equal(get(bsp, ESR), 4);
	put(bsp, ESR, 0);
	assert_int_equal(get(bsp, ESR), 0);
}

/* ---- what an entry takes along, and what an exit gives back ----------- */

static void test_offer(void **state)
{
	(void)state;
	vcpu_prepare(bsp);
	assert_int_equal(fake_of(&bsp->hw)->offered, -1);
	put(bsp, SELF_IPI, 0x80);
	vcpu_prepare(bsp);
	assert_int_equal(fake_of(&bsp->hw)->offered, 0x80);
	leave(false); /* interrupts were off: still pending */
	assert_int_equal(vapic_pending(bsp), 0x80);
	assert_false(is_set(bsp, 0x10, 0x80));
	vcpu_prepare(bsp);
	leave(true);
	assert_int_equal(vapic_pending(bsp), -1);
	assert_true(is_set(bsp, 0x10, 0x80));
	vcpu_prepare(bsp);
	assert_int_equal(fake_of(&bsp->hw)->offered, -1);
}

/* While one is being taken, another processor sends the same vector: it is a
 * second interrupt, not the same one. */
static void test_offer_and_again(void **state)
{
	(void)state;
	put(bsp, SELF_IPI, 0x80);
	vcpu_prepare(bsp);
	up(ap);
	put(ap, ICR, TO(0) | 0x80u);
	leave(true);
	assert_true(is_set(bsp, 0x10, 0x80));
	assert_true(is_set(bsp, 0x20, 0x80));
	put(bsp, EOI, 0);
	assert_int_equal(vapic_pending(bsp), 0x80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_reset, setup),
		cmocka_unit_test_setup(test_accept_eoi, setup),
		cmocka_unit_test_setup(test_nesting, setup),
		cmocka_unit_test_setup(test_tpr, setup),
		cmocka_unit_test_setup(test_all_vectors, setup),
		cmocka_unit_test_setup(test_init_sipi, setup),
		cmocka_unit_test_setup(test_init_deassert, setup),
		cmocka_unit_test_setup(test_restart, setup),
		cmocka_unit_test_setup(test_ipi, setup),
		cmocka_unit_test_setup(test_shorthand, setup),
		cmocka_unit_test_setup(test_other_modes, setup),
		cmocka_unit_test_setup(test_other_domain, setup),
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_reserved, setup),
		cmocka_unit_test_setup(test_nonzero_eoi, setup),
		cmocka_unit_test_setup(test_offer, setup),
		cmocka_unit_test_setup(test_offer_and_again, setup),
	};

	return cmocka_run_group_tests_name("vapic", tests, NULL, NULL);
}
