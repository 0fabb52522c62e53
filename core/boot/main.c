/* SPDX-License-Identifier: Apache-2.0 */
/* The order of start-up. Whatever is missing or wrong ends in one line. */
#include "boot/main.h"

#include "abi/policy_image.h"
#include "boot/cmdline.h"
#include "boot/map.h"
#include "boot/module.h"
#include "boot/multiboot2.h"
#include "boot/pvh.h"
#include "hw/x86/x86.h"
#include "lib/mem.h"
#include "lib/print.h"
#include "refmon/refmon.h"
#include "vmm/vmm.h"

#define MIB ((u64)1 << 20)
#define RSDP_BYTES 36u

struct boot_info boot;
static u8 rsdp_copy[RSDP_BYTES] __attribute__((aligned(16)));

/* gcc's stack protector: the value, and what it calls. */
extern u64 __stack_chk_guard;
u64 __stack_chk_guard;
void __attribute__((noreturn)) __stack_chk_fail(void);

void __stack_chk_fail(void)
{
	panic("a stack of the core was overwritten");
}

void boot_set_rsdp(const u8 *rsdp, u32 bytes)
{
	mem_zero(rsdp_copy, sizeof(rsdp_copy));
	memcpy(rsdp_copy, rsdp, bytes < RSDP_BYTES ? bytes : RSDP_BYTES);
	boot.rsdp = (u64)rsdp_copy;
}

static void read_loader(u32 protocol, u64 info)
{
	if (protocol == BOOT_MULTIBOOT2) {
		multiboot2_read(info);
		cmdline_parse();
	} else if (protocol == BOOT_PVH) {
		pvh_read(info);
		cmdline_parse();
		pvh_read_modules();
	} else {
		panic("started by an unknown loader");
	}
	modules_check(protocol);
}

static void start_processor(void)
{
	const char *why;

	cpu_init(0);
	pic_disable();
	why = hw_vm_cpu_init();
	if (why[0] != '\0') {
		panic("processor 0: %s", why);
	}
}

/* From the loader's memory and our temporary tables to the final ones. */
static void start_memory(void)
{
	u64 bytes;

	map_build();
	modules_paint();
	map_check_dom0();
	bytes = cpu_stacks_bytes();
	if (bytes != 0) {
		cpu_stacks_set(boot_claim(bytes));
	}
	bytes = mmu_pool_bytes(&boot);
	mmu_init(&boot, boot_claim(bytes), bytes);
	map_lift_limit();
	modules_move();
}

static void start_policy(void)
{
	const struct policy_header *h =
		(const struct policy_header *)boot.policy.start;
	enum refmon_error e = REFMON_E_SIZE;

	if (boot.policy.bytes <= ~0u) {
		e = refmon_install((const u8 *)h, (u32)boot.policy.bytes);
	}
	if (e != REFMON_OK) {
		panic("policy refused: %s", refmon_error_text(e));
	}
	print("casemate: policy '%s' version %lu, %u labels\n", h->name,
	      h->version, refmon_label_count());
}

static void start_machine(void)
{
	apic_init();
	cpus[0].apic_id = apic_id();
	time_init();
	ioapic_init();
	boot.trampoline = map_take_trampoline();
	smp_start_all(boot.trampoline);
	map_paint(boot.trampoline, boot.trampoline + PAGE_SIZE, BOOT_RAM);
	uart_interrupt_on();
}

static void print_memory(void)
{
	u64 unclaimed = map_bytes(BOOT_RAM);
	u64 modules = map_bytes(BOOT_MODULE);
	u64 core = map_bytes(BOOT_CORE);

	print("casemate: memory %lu MiB: dom0 %lu MiB, modules %lu MiB, core "
	      "%lu KiB\n",
	      (unclaimed + modules + core) / MIB, boot.dom0_bytes / MIB,
	      modules / MIB, core >> 10);
}

void boot_main(u32 protocol, u64 info)
{
	__stack_chk_guard = cpu_random();
	uart_init();
	print("\ncasemate: starting\n");
	start_processor();
	read_loader(protocol, info);
	acpi_init(boot.rsdp);
	start_memory();
	start_policy();
	start_machine();
	print("casemate: %u processor%s\n", hw_cpu_count(),
	      hw_cpu_count() == 1u ? "" : "s");
	print_memory();
	vmm_init(&boot);
	print_quiet();
	smp_release();
	vmm_cpu_main();
}
