/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the TSC and the local APIC's timer, both measured against the ACPI
 * power management timer; the CMOS clock, read once. */
#include "hw/x86/x86.h"
#include "lib/checked.h"
#include "lib/mem.h"
#include "lib/print.h"

#define PM_HZ 3579545ull
#define PM_MASK 0xffffffu
#define WINDOW_PM (PM_HZ / 25u) /* 40 ms */
#define TRIES 16u
#define STUCK_POLLS 10000000u
/* The local timer counts 32 bits a second at most. */
#define APIC_KHZ_MAX 4000000u
#define NS_PER_SECOND 1000000000ull

#define CMOS_SELECT 0x70u
#define CMOS_DATA 0x71u
#define CMOS_FIELDS 6u
#define CMOS_TRIES 10000u

struct sample {
	u64 tsc;
	u32 pm, apic;
};

static struct hw_clock clock;
static u64 tsc_khz;
static u64 apic_khz;

/* The tightest of some readings: a processor that an emulator stopped in
 * mid-reading does not spoil the result. */
static struct sample sample_take(void)
{
	struct sample best = { 0, 0, 0 };
	u64 best_width = ~0ull;
	u32 i;

	for (i = 0; i < TRIES; i++) {
		u64 before = hw_tsc();
		u32 pm = inl(acpi.pm_timer);
		u32 left = apic_timer_left();
		u64 width = hw_tsc() - before;

		if (width < best_width) {
			best_width = width;
			best = (struct sample){ before + width / 2u, pm, left };
		}
	}
	return best;
}

static void measure(void)
{
	struct sample a, b;
	u64 pm;
	u32 i;

	apic_timer_start(~0u);
	a = sample_take();
	for (i = 0; ((inl(acpi.pm_timer) - a.pm) & PM_MASK) < WINDOW_PM; i++) {
		if (i == STUCK_POLLS) {
			panic("the ACPI power management timer stands still");
		}
	}
	b = sample_take();
	apic_timer_start(0);
	pm = (b.pm - a.pm) & PM_MASK;
	tsc_khz = (b.tsc - a.tsc) * PM_HZ / pm / 1000u;
	apic_khz = (u64)(a.apic - b.apic) * PM_HZ / pm / 1000u;
	if (tsc_khz < 1000u || apic_khz < 1000u || apic_khz > APIC_KHZ_MAX) {
		panic("cannot calibrate the clocks: TSC %lu kHz, APIC %lu kHz",
		      tsc_khz, apic_khz);
	}
}

/* hz is brought into (1, 2] GHz, so that mul fills its 32 bits. */
static void clock_set(void)
{
	u64 hz = tsc_khz * 1000u;

	while (hz > 2u * NS_PER_SECOND) {
		hz >>= 1;
		clock.shift--;
	}
	while (hz <= NS_PER_SECOND) {
		hz <<= 1;
		clock.shift++;
	}
	clock.mul = (u32)((NS_PER_SECOND << 32) / hz);
	/* Under a hypervisor, or invariant. */
	clock.is_stable = cpu_has(1, CPUID_ECX, 31) ||
			  cpu_has(0x80000007u, CPUID_EDX, 8);
	clock.tsc_base = hw_tsc();
}

static u8 cmos_read(u8 index)
{
	outb(CMOS_SELECT, index);
	return inb(CMOS_DATA);
}

/* Second, minute, hour, day, month, year. */
static void cmos_take(u32 v[CMOS_FIELDS])
{
	static const u8 registers[CMOS_FIELDS] = { 0, 2, 4, 7, 8, 9 };
	u32 i;

	for (i = 0; i < CMOS_FIELDS; i++) {
		u32 bcd = cmos_read(registers[i]);

		v[i] = (bcd >> 4) * 10u + (bcd & 15u);
	}
}

/* Days since 1970-01-01; the year is taken to begin in March. */
static u64 days_since_1970(u64 year, u64 month, u64 day)
{
	u64 y = month <= 2u ? year - 1u : year;
	u64 m = month <= 2u ? month + 9u : month - 3u;

	return 365u * y + y / 4u - y / 100u + y / 400u + (153u * m + 2u) / 5u +
	       day - 1u - 719468u;
}

/* In the form firmware leaves it: BCD, 24 hours, this century. Read until it
 * is the same twice, and no update was near in between. */
static void wallclock_read(void)
{
	u32 t[CMOS_FIELDS], again[CMOS_FIELDS];
	u32 tries = CMOS_TRIES;

	do {
		cmos_take(t);
		cmos_take(again);
	} while (tries-- > 0 && ((cmos_read(0x0a) & 0x80u) != 0 ||
				 memcmp(t, again, sizeof(t)) != 0));
	if ((cmos_read(0x0b) & 6u) != 2u || t[4] - 1u > 11u ||
	    t[3] - 1u > 30u) {
		print("casemate: warning: the CMOS clock is not set\n");
		return;
	}
	clock.boot_seconds = days_since_1970(2000u + t[5], t[4], t[3]) * 86400u;
	clock.boot_seconds += t[2] * 3600u + t[1] * 60u + t[0];
}

void time_init(void)
{
	measure();
	clock_set();
	wallclock_read();
}

void time_delay_us(u32 us)
{
	u64 start = hw_time_ns();

	while (hw_time_ns() - start < us * 1000ull) {
		hw_pause();
	}
}

u64 hw_time_ns(void)
{
	u64 t = hw_tsc() - clock.tsc_base;

	t = clock.shift < 0 ? t >> -clock.shift : t << clock.shift;
	return (u64)((unsigned __int128)t * clock.mul >> 32);
}

const struct hw_clock *hw_clock(void)
{
	return &clock;
}

/* A second at most: what fires early is set again. */
void hw_timer_set(u64 deadline_ns)
{
	u64 now = hw_time_ns();
	u64 delta = deadline_ns > now ? deadline_ns - now : 0;
	u64 ticks = min64(delta, NS_PER_SECOND) * apic_khz / 1000000u + 1u;

	apic_timer_start(deadline_ns == ~0ull ? 0 : (u32)ticks);
}
