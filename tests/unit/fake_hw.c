/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_hw.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vmm/frame_boot.h"

#define SCRATCH (CASEMATE_MAX_DOMAINS - 1u)

static u8 memory[FAKE_RAM][PAGE_SIZE] __attribute__((aligned(4096)));
static u64 table[FAKE_RAM * (sizeof(struct frame) + sizeof(u32)) / 8u];
static struct fake_vcpu machine[CASEMATE_MAX_DOMAINS][CASEMATE_MAX_VCPUS];

u64 fake_now, fake_tsc;
u32 fake_cpu, fake_cpus;
u32 fake_kicks[CASEMATE_MAX_CPUS];
u64 fake_timer[CASEMATE_MAX_CPUS];
char fake_uart[FAKE_UART];
u32 fake_uart_used;
const char *fake_uart_in;
u32 fake_cpuid_value;
u64 fake_xcr0;
struct hw_clock fake_clock;
jmp_buf fake_stop;
u32 fake_irqs;
void (*fake_run)(struct hw_vcpu *v, struct hw_exit *out);

void hw_stop_others(void);

/* The frame stack has no way back to empty but to be used up. */
static void frames_drain(void)
{
	mfn_t mfn;

	domains[SCRATCH].max_frames = ~0ull;
	while (frame_alloc(SCRATCH, FRAME_OWNED, &mfn) == 0) {
	}
}

static void vcpus_reset(void)
{
	u32 i, j;

	memset(machine, 0, sizeof(machine));
	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		for (j = 0; j < CASEMATE_MAX_VCPUS; j++) {
			machine[i][j].offered = -1;
			machine[i][j].fault = -1;
			machine[i][j].sipi = -1;
			machine[i][j].irq_enabled = true;
		}
	}
}

void fake_power_on(void)
{
	u32 i;

	memset(domains, 0, sizeof(domains));
	frames_drain();
	memset(domains, 0, sizeof(domains));
	memset(memory, FAKE_GARBAGE, sizeof(memory));
	memset(table, 0, sizeof(table));
	vcpus_reset();
	frame_table_init((void *)table, (void *)(fake_frame(0) + FAKE_RAM),
			 FAKE_RAM);
	for (i = FAKE_FIRST; i < FAKE_RAM; i++) {
		frame_boot_add(i, FRAME_FREE, DOMID_NOBODY);
	}
	fake_now = 1000000000ull;
	fake_tsc = 0;
	fake_cpu = 0;
	fake_cpus = 2;
	memset(fake_kicks, 0, sizeof(fake_kicks));
	memset(fake_timer, 0xff, sizeof(fake_timer));
	fake_irqs = 0;
	fake_run = NULL;
	fake_uart_used = 0;
	fake_uart_in = "";
	fake_cpuid_value = 0;
	fake_xcr0 = 7;
	fake_clock = (struct hw_clock){ 5, 0x80000000u, 1, true, 1234567890u };
}

struct fake_vcpu *fake_of(const struct hw_vcpu *v)
{
	size_t at = (size_t)((const char *)v - (const char *)domains);
	const struct domain *d = &domains[at / sizeof(struct domain)];

	assert_true(at < sizeof(domains));
	return &machine[at / sizeof(struct domain)]
		       [(const struct vcpu *)(const void *)v - d->vcpus];
}

struct frame *fake_frame(mfn_t mfn)
{
	assert_true(mfn < FAKE_RAM);
	return &((struct frame *)(void *)table)[mfn];
}

u8 *fake_memory(mfn_t mfn)
{
	assert_true(mfn < FAKE_RAM);
	return memory[mfn];
}

void *hw_frame(mfn_t mfn)
{
	return fake_memory(mfn);
}

/* ---- processors, time, console --------------------------------------- */

u32 hw_cpu(void)
{
	return fake_cpu;
}

u32 hw_cpu_count(void)
{
	return fake_cpus;
}

void hw_kick(u32 cpu)
{
	assert_true(cpu < fake_cpus);
	fake_kicks[cpu] += 1;
}

u32 hw_irq_window(void)
{
	u32 irqs = fake_irqs;

	fake_irqs = 0;
	return irqs;
}

void hw_idle(void)
{
	longjmp(fake_stop, FAKE_IDLE);
}

/* Whoever spins here would spin for ever: nobody else runs. */
/* Waiting for a processor to leave guest mode: it does so once kicked. */
void hw_pause(void)
{
	bool is_progress = false;
	u32 i, j;

	for (i = 0; i < CASEMATE_MAX_DOMAINS; i++) {
		for (j = 0; j < domains[i].vcpu_count; j++) {
			struct vcpu *v = &domains[i].vcpus[j];

			if (v->in_guest && fake_kicks[v->cpu] != 0) {
				v->in_guest = false;
				is_progress = true;
			}
		}
	}
	if (!is_progress) {
		fail_msg("waits for a processor that was not kicked");
	}
}

void hw_halt(void)
{
	longjmp(fake_stop, FAKE_HALTED);
}

u32 hw_stack_calls(const void *frame, u64 *out, u32 max)
{
	(void)frame;
	(void)out;
	(void)max;
	return 0;
}

u32 hw_text_sum(void)
{
	return 0;
}

void hw_stop_others(void)
{
}

void hw_poweroff(void)
{
	longjmp(fake_stop, FAKE_OFF);
}

void hw_reboot(void)
{
	longjmp(fake_stop, FAKE_REBOOTED);
}

u64 hw_tsc(void)
{
	return fake_tsc;
}

u64 hw_time_ns(void)
{
	return fake_now;
}

const struct hw_clock *hw_clock(void)
{
	return &fake_clock;
}

void hw_timer_set(u64 deadline_ns)
{
	fake_timer[fake_cpu] = deadline_ns;
}

void hw_uart_write(const char *s, u32 n)
{
	n = n < FAKE_UART - fake_uart_used ? n : FAKE_UART - fake_uart_used;
	memcpy(fake_uart + fake_uart_used, s, n);
	fake_uart_used += n;
}

int hw_uart_read(void)
{
	int c = (u8)*fake_uart_in;

	if (c == 0) {
		return -1;
	}
	fake_uart_in += 1;
	return c;
}

/* ---- virtual processors ---------------------------------------------- */

void hw_vcpu_init(struct hw_vcpu *v, mfn_t vmcb, mfn_t npt_root)
{
	memset(v, 0, sizeof(*v));
	v->vmcb = vmcb;
	v->npt_root = npt_root;
	v->xcr0 = 1;
}

void hw_vcpu_reset_pvh(struct hw_vcpu *v, u32 entry, u32 start_info)
{
	fake_of(v)->entry = entry;
	fake_of(v)->start_info = start_info;
}

void hw_vcpu_reset_sipi(struct hw_vcpu *v, u8 vector)
{
	fake_of(v)->sipi = vector;
	fake_of(v)->resets += 1;
}

void hw_vcpu_load(struct hw_vcpu *v)
{
	assert_int_equal(fake_of(v)->loads, 0);
	fake_of(v)->loads = 1;
}

void hw_vcpu_unload(struct hw_vcpu *v)
{
	assert_int_equal(fake_of(v)->loads, 1);
	fake_of(v)->loads = 0;
}

void hw_vcpu_run(struct hw_vcpu *v, bool flush, struct hw_exit *out)
{
	(void)flush;
	assert_true(fake_run != NULL); /* else guests have no code here */
	fake_run(v, out);
}

void hw_vcpu_skip(struct hw_vcpu *v, u32 length)
{
	v->regs.rip += length;
	fake_of(v)->skips += 1;
	fake_of(v)->skipped_bytes += length;
}

void hw_vcpu_offer_irq(struct hw_vcpu *v, int vector)
{
	assert_in_range(vector + 1, 0, 256);
	fake_of(v)->offered = vector;
}

bool hw_vcpu_is_offer_taken(const struct hw_vcpu *v)
{
	return fake_of(v)->is_taken;
}

void hw_vcpu_inject_fault(struct hw_vcpu *v, u8 vector)
{
	fake_of(v)->fault = vector;
}

struct hw_mode hw_vcpu_mode(const struct hw_vcpu *v)
{
	const struct fake_vcpu *f = fake_of(v);

	return (struct hw_mode){
		.is_paged = f->paging.is_paged,
		.is_irq_on = f->irq_enabled,
		.in_shadow = f->in_shadow,
		.cpl = f->paging.cpl,
		.code_base = f->paging.code_base,
	};
}

bool hw_vcpu_is_64bit(const struct hw_vcpu *v)
{
	return fake_of(v)->paging.is_paged && fake_of(v)->paging.is_64bit;
}

u64 hw_vcpu_cr3_long(const struct hw_vcpu *v)
{
	const struct fake_paging *p = &fake_of(v)->paging;

	return p->is_paged && p->is_long ? p->cr3 : ~0ull;
}

u64 hw_vcpu_efer(const struct hw_vcpu *v)
{
	return fake_of(v)->efer;
}

void hw_vcpu_set_efer(struct hw_vcpu *v, u64 efer)
{
	fake_of(v)->efer = efer;
}

u64 hw_vcpu_pat(const struct hw_vcpu *v)
{
	return fake_of(v)->pat;
}

void hw_vcpu_set_pat(struct hw_vcpu *v, u64 pat)
{
	fake_of(v)->pat = pat;
}

void hw_cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	u32 i;

	(void)leaf;
	(void)subleaf;
	for (i = 0; i < 4; i++) {
		out[i] = fake_cpuid_value;
	}
}

u64 hw_xcr0_supported(void)
{
	return fake_xcr0;
}

bool hw_vcpu_osxsave(const struct hw_vcpu *v)
{
	return fake_of(v)->osxsave;
}
