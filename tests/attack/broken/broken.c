/* SPDX-License-Identifier: Apache-2.0 */
/* Claim: whatever no processor could go on from, and whatever a granted page
 * does not allow, ends this guest as crashed and nobody else. */
#include "attack.h"

const char claim_name[] = "broken";

#define REF 8u

struct table_register {
	u16 limit;
	u64 base;
} __attribute__((packed));

static void load_idt(u64 base, u16 limit)
{
	struct table_register r = { limit, base };

	__asm__ volatile("lidt %0" ::"m"(r));
}

static void triple(void)
{
	load_idt(0, 0);
	__asm__ volatile("ud2");
}

static void double_fault(void)
{
	static u64 gates[2 * 256];

	load_idt((u64)gates, sizeof(gates) - 1); /* no gate is present */
	__asm__ volatile("int $3");
}

static void map_own(u32 flags)
{
	u32 handle;

	grants_setup();
	memset(spare[0], 0xc3, PAGE); /* ret */
	permit(REF, GTF_permit_access, own_domid(), gfn_of(spare[0]));
	CHECK_IS(map_from(DOMID_SELF, REF, flags, HOLE, &handle), GNTST_okay);
	CHECK_IS(*(volatile u8 *)(HOLE * PAGE), 0xc3);
}

static void jump_to(u64 address)
{
	__asm__ volatile("call *%0" ::"r"(address) : "memory");
}

static void set_cr3(u64 value)
{
	__asm__ volatile("mov %0, %%cr3" ::"r"(value) : "memory");
}

/* Beyond all physical addresses: #GP, or the end on some machines. */
static void far_tables(void)
{
	TRY("mov %[v], %%cr3",
	    : [ip] "+m"(resume_ip)
	    : [v] "r"(0x000ffffffffff000ull)
	    : "r11", "memory");
	CHECK_IS(fault_vector, 13);
	triple();
}

static void strange_cr4(void)
{
	u64 value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	/* Bit 13 is another maker's. #GP, or the end on some machines. */
	TRY("mov %[v], %%cr4",
	    : [ip] "+m"(resume_ip)
	    : [v] "r"(value | 1u << 13)
	    : "r11", "memory");
	CHECK_IS(fault_vector, 13);
	triple();
}

/* The other processor's first instructions, in real mode, are its last. */
static void strange_start(void)
{
	/* lidt 0x9020, which says: empty; ud2 */
	static const u8 code[] = { 0x0f, 0x01, 0x1e, 0x20, 0x90, 0x0f, 0x0b };
	u32 i;

	memset((void *)0x9000, 0, PAGE);
	memcpy((void *)0x9000, code, sizeof(code));
	for (i = 0; i < 1000; i++) { /* to those that run, or are not there */
		u64 to = i == 2 ? 0 : (u64)(random64() % 0x10000) | 1;

		(void)try_wrmsr(0x830, to << 32 | 0xc500);
		(void)try_wrmsr(0x830, to << 32 | 0x600 | i % 256);
	}
	(void)try_wrmsr(0x830, 2ull << 32 | 0xc500);
	(void)try_wrmsr(0x830, 2ull << 32 | 0x609);
	for (;;) {
		(void)sched_call(SCHEDOP_yield, NULL);
	}
}

void claim(void)
{
	announce("crash");
	if (is_variant("triple")) {
		triple();
	} else if (is_variant("double")) {
		double_fault();
	} else if (is_variant("write")) {
		*(volatile u64 *)(HOLE * PAGE) = 1;
	} else if (is_variant("jump")) {
		jump_to(HOLE * PAGE);
	} else if (is_variant("tables")) {
		set_cr3(HOLE * PAGE);
	} else if (is_variant("far-tables")) {
		far_tables();
	} else if (is_variant("stack")) {
		__asm__ volatile(
			"mov %0, %%rsp; push %%rax; ud2" ::"r"(HOLE * PAGE));
	} else if (is_variant("gates")) {
		load_idt(HOLE * PAGE, 0xfff);
		__asm__ volatile("ud2");
	} else if (is_variant("cr4")) {
		strange_cr4();
	} else if (is_variant("start")) {
		strange_start();
	} else if (is_variant("read-only")) {
		map_own(GNTMAP_host_map | GNTMAP_readonly);
		*(volatile u8 *)(HOLE * PAGE) = 1;
	} else if (is_variant("granted-code")) {
		map_own(GNTMAP_host_map);
		jump_to(HOLE * PAGE);
	} else if (is_variant("shared-code")) {
		memset((u8 *)shared + 3072, 0xc3, 16);
		jump_to((u64)shared + 3072);
	}
	fail("still there after %s", variant());
}
