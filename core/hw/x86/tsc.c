/* SPDX-License-Identifier: Apache-2.0 */
/* Time: the TSC and the local APIC's timer, both measured against the ACPI
 * power management timer; the CMOS clock, read once. */
#include "hw/x86/x86.h"
#include "lib/print.h"

#define PM_HZ 3579545ull
#define PM_MASK 0xffffffu
#define WINDOW_PM (PM_HZ / 25u) /* 40 ms */
#define TRIES 16u
#define STUCK_POLLS 10000000u
#define NS_PER_SECOND 1000000000ull

#define CMOS_SELECT 0x70u
#define CMOS_DATA 0x71u
#define CMOS_POLLS 100000u

struct sample {
	u64 tsc;
	u32 pm;
	u32 apic;
};

struct cmos {
	u32 second, minute, hour, day, month, year, century;
};

static struct hw_clock clock;
static u64 tsc_khz;
static u64 apic_khz;
static u64 wallclock;

/* The tightest of some readings: a processor that an emulator stopped in
 * mid-reading does not spoil the result. */
static struct sample sample_take(void)
{
	struct sample best = { 0, 0, 0 };
	u64 best_width = ~0ull;
	u32 i;

	for (i = 0; i < TRIES; i++) {
		u64 before = rdtsc();
		u32 pm = inl(acpi.pm_timer);
		u32 left = apic_timer_left();
		u64 width = rdtsc() - before;

		if (width < best_width) {
			best_width = width;
			best = (struct sample){ before + width / 2u, pm, left };
		}
	}
	return best;
}

static void wait_window(u32 start)
{
	u32 i;

	for (i = 0; i < STUCK_POLLS; i++) {
		if (((inl(acpi.pm_timer) - start) & PM_MASK) >= WINDOW_PM) {
			return;
		}
	}
	panic("the ACPI power management timer stands still");
}

static void measure(void)
{
	struct sample a;
	struct sample b;
	u64 pm;

	apic_timer_start(~0u);
	a = sample_take();
	wait_window(a.pm);
	b = sample_take();
	apic_timer_start(0);
	pm = (b.pm - a.pm) & PM_MASK;
	tsc_khz = (b.tsc - a.tsc) * PM_HZ / pm / 1000u;
	apic_khz = (u64)(a.apic - b.apic) * PM_HZ / pm / 1000u;
	if (tsc_khz < 1000u || apic_khz < 1000u) {
		panic("cannot calibrate the clocks: TSC %lu kHz, APIC %lu kHz",
		      tsc_khz, apic_khz);
	}
}

/* hz is brought into (1, 2] GHz, so that mul fills its 32 bits. */
static void clock_set(void)
{
	u64 hz = tsc_khz * 1000u;

	clock.shift = 0;
	while (hz > 2u * NS_PER_SECOND) {
		hz >>= 1;
		clock.shift--;
	}
	while (hz <= NS_PER_SECOND) {
		hz <<= 1;
		clock.shift++;
	}
	clock.mul = (u32)((NS_PER_SECOND << 32) / hz);
	clock.is_stable = (cpuid(1, 0).ecx & 1u << 31) != 0;
	if (cpuid(0x80000000u, 0).eax >= 0x80000007u &&
	    (cpuid(0x80000007u, 0).edx & 1u << 8) != 0) {
		clock.is_stable = true;
	}
	clock.tsc_base = rdtsc();
}

static u8 cmos_read(u8 index)
{
	outb(CMOS_SELECT, index);
	return inb(CMOS_DATA);
}

/* BCD to binary unless status B says that it is binary already. */
static u32 cmos_value(u8 index, u8 status)
{
	u8 v = cmos_read(index);

	return (status & 4u) != 0 ? v : (v >> 4) * 10u + (v & 15u);
}

static struct cmos cmos_take(u8 status)
{
	struct cmos c;
	u32 i;

	for (i = 0; i < CMOS_POLLS && (cmos_read(0x0a) & 0x80u) != 0; i++) {
		hw_pause();
	}
	c.second = cmos_value(0, status);
	c.minute = cmos_value(2, status);
	c.hour = cmos_read(4);
	c.day = cmos_value(7, status);
	c.month = cmos_value(8, status);
	c.year = cmos_value(9, status);
	c.century = acpi.century == 0 ? 20u : cmos_value(acpi.century, status);
	return c;
}

/* Twelve-hour clocks mark the afternoon with bit 7. */
static u32 cmos_hour(u32 raw, u8 status)
{
	u32 h = raw & 0x7fu;

	if ((status & 4u) == 0) {
		h = (h >> 4) * 10u + (h & 15u);
	}
	if ((status & 2u) == 0) {
		h = h % 12u + ((raw & 0x80u) != 0 ? 12u : 0u);
	}
	return h;
}

/* Days since 1970-01-01; the year is taken to begin in March. */
static u64 days_since_1970(u64 year, u64 month, u64 day)
{
	u64 y = month <= 2u ? year - 1u : year;
	u64 m = month <= 2u ? month + 9u : month - 3u;

	return 365u * y + y / 4u - y / 100u + y / 400u + (153u * m + 2u) / 5u +
	       day - 1u - 719468u;
}

static void wallclock_read(void)
{
	u8 status = cmos_read(0x0b);
	struct cmos c;
	u32 again;
	u32 i;

	for (i = 0; i < 8u; i++) {
		c = cmos_take(status);
		again = cmos_take(status).second;
		if (again == c.second) {
			break;
		}
	}
	if (c.century < 19u || c.century > 99u || c.month < 1u ||
	    c.month > 12u || c.day < 1u || c.day > 31u) {
		print("casemate: warning: the CMOS clock is not set\n");
		return;
	}
	wallclock = days_since_1970(c.century * 100u + c.year, c.month, c.day);
	wallclock = (wallclock * 24u + cmos_hour(c.hour, status)) * 3600u +
		    c.minute * 60u + c.second;
}

void time_init(void)
{
	measure();
	clock_set();
	wallclock_read();
}

void time_delay_us(u32 us)
{
	u64 start = rdtsc();
	u64 ticks = tsc_khz * us / 1000u;

	while (rdtsc() - start < ticks) {
		hw_pause();
	}
}

u64 hw_time_ns(void)
{
	u64 t = rdtsc() - clock.tsc_base;

	t = clock.shift < 0 ? t >> -clock.shift : t << clock.shift;
	return (u64)((unsigned __int128)t * clock.mul >> 32);
}

const struct hw_clock *hw_clock(void)
{
	return &clock;
}

u64 hw_wallclock_seconds(void)
{
	return wallclock;
}

void hw_timer_set(u64 deadline_ns)
{
	u64 now = hw_time_ns();
	u64 delta = deadline_ns > now ? deadline_ns - now : 0;
	u64 ticks;

	if (deadline_ns == ~0ull) {
		apic_timer_start(0);
		return;
	}
	if (delta > NS_PER_SECOND) {
		delta = NS_PER_SECOND; /* fires early: harmless */
	}
	ticks = delta * apic_khz / 1000000u + 1u;
	apic_timer_start(ticks > ~0u ? ~0u : (u32)ticks);
}
