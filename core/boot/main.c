/* SPDX-License-Identifier: Apache-2.0 */
/* The order of start-up. Whatever is missing or wrong ends in one line. */
#include "boot/boot.h"

#include "abi/policy_image.h"
#include "hw/x86/x86.h"
#include "lib/print.h"
#include "refmon/refmon.h"
#include "vmm/coverage.h"
#include "vmm/policy_load.h"
#include "vmm/vmm.h"

/* core.lds */
extern u8 image_start[], image_end[];

/* gcc's stack protector: the value, and what it calls. */
u64 __stack_chk_guard;
void __attribute__((noreturn)) __stack_chk_fail(void);

void __stack_chk_fail(void)
{
	panic("a stack of the core was overwritten");
}

/* From the loader's memory and our temporary tables to the final ones. */
static void start_memory(void)
{
	u64 end = DOM0_START + boot.dom0_bytes;
	u64 bytes, there;

	map_paint((u64)image_start, (u64)image_end, BOOT_CORE);
	modules_paint();
	there = map_covered(DOM0_START, end);
	if (there != end) {
		panic("memory is too small: dom0 (dom0_mem=%luM) needs RAM "
		      "from 16 to %lu MiB, it ends at %lu MiB",
		      boot.dom0_bytes / MIB, end / MIB, there / MIB);
	}
	bytes = mmu_pool_bytes(boot.range_count, map_end(0, ~0ull));
	mmu_init(&boot, boot_claim(bytes, FOUR_GIB), bytes);
	modules_move();
}

static void start_policy(void)
{
	/* The loader's copy ended below 4 GiB: the size fits; 0 is refused. */
	const char *why = policy_start(&boot_keys,
				       (const u8 *)boot.policy.start,
				       (u32)boot.policy.bytes);
	const struct policy_header *h = policy_in_force();

	if (why[0] != '\0') {
		panic("policy refused: %s", why);
	}
	print("casemate: policy '%s' version %lu, %u labels, %s\n", h->name,
	      h->version, refmon_label_count(),
	      boot_keys.count != 0 ? "signed" : "not signed");
	if (boot_coverage) {
		u64 at = boot_claim(COVERAGE_BYTES, ADDRESS_END);

		coverage_used = hw_frame(at >> PAGE_SHIFT);
	}
}

void boot_main(u32 magic, u64 info)
{
	u64 trampoline;

	__stack_chk_guard = cpu_random();
	uart_init();
	print("\ncasemate: starting\n");
	cpu_init(0);
	hw_vm_cpu_init();
	if (magic == MULTIBOOT2_MAGIC) {
		multiboot2_read(info);
	} else {
		pvh_read(info);
	}
	acpi_init(boot.rsdp);
	start_memory();
	start_policy();
	apic_init();
	time_init();
	ioapic_init();
	trampoline = map_take(PAGE_SIZE, PAGE_SIZE, LOW_END);
	smp_start_all(trampoline);
	map_paint(trampoline, trampoline + PAGE_SIZE, BOOT_RAM);
	uart_interrupt_on();
	print("casemate: processors: %u, dom0: %lu MiB\n", hw_cpu_count(),
	      boot.dom0_bytes / MIB);
	handover();
	panic_is_defect();
	smp_release();
	vmm_cpu_main();
}
