/* SPDX-License-Identifier: Apache-2.0 */
/* Start the other processors, one after the other. */
#include "hw/x86/x86.h"
#include "lib/mem.h"
#include "lib/print.h"
#include "vmm/vmm.h"

#define START_TRIES 2000u /* of 100 us */

extern const u8 smp_trampoline[];
extern const u8 smp_trampoline_end[];
void __attribute__((noreturn)) smp_enter(u32 index);

u32 smp_slot;  /* number of the processor being started; taken by boot.S */
u64 smp_stack; /* and the top of its stack */
static u32 cpu_count = 1; /* each adds itself when it is up */
static bool is_released;

u32 hw_cpu_count(void)
{
	return cpu_count;
}

void smp_enter(u32 index)
{
	cpu_init(index);
	apic_init();
	hw_vm_cpu_init();
	__atomic_store_n(&cpu_count, index + 1u, __ATOMIC_RELEASE);
	while (!__atomic_load_n(&is_released, __ATOMIC_ACQUIRE)) {
		hw_idle();
		(void)hw_irq_window();
	}
	vmm_cpu_main();
}

/* True when the processor runs. One that has taken the slot will come up: it
 * is waited for, however slow the machine is. */
static bool smp_start(u32 id, u32 page)
{
	u32 index = cpu_count;
	u32 tries = START_TRIES;

	smp_stack = (u64)(cpus[index].stacks + 1);
	__atomic_store_n(&smp_slot, index, __ATOMIC_RELEASE);
	apic_send(id, ICR_INIT);
	time_delay_us(10000);
	apic_send(id, ICR_STARTUP | page);
	time_delay_us(200);
	apic_send(id, ICR_STARTUP | page);
	while (__atomic_load_n(&smp_slot, __ATOMIC_ACQUIRE) && tries-- > 0) {
		time_delay_us(100);
	}
	if (__atomic_exchange_n(&smp_slot, 0u, __ATOMIC_ACQ_REL) != 0) {
		apic_send(id, ICR_INIT); /* the page will be dom0's */
		return false;
	}
	while (__atomic_load_n(&cpu_count, __ATOMIC_ACQUIRE) == index) {
		hw_pause();
	}
	return true;
}

void smp_start_all(u64 trampoline)
{
	u32 page = (u32)(trampoline >> PAGE_SHIFT);
	u32 i;

	memcpy((void *)trampoline, smp_trampoline,
	       (size_t)(smp_trampoline_end - smp_trampoline));
	for (i = 0; i < acpi.cpu_count && cpu_count < acpi.cpu_count; i++) {
		u32 id = acpi.cpu_ids[i];

		if (id != cpus[0].apic_id &&
		    !(apic_reaches(id) && smp_start(id, page))) {
			print("casemate: warning: the processor with APIC "
			      "id %u does not start\n",
			      id);
		}
	}
}

void smp_release(void)
{
	u32 i;

	__atomic_store_n(&is_released, true, __ATOMIC_RELEASE);
	for (i = 1; i < cpu_count; i++) {
		hw_kick(i);
	}
}
