/* SPDX-License-Identifier: Apache-2.0 */
/* Local APIC registers and inter-processor interrupts of one guest. */
#include "lib/mem.h"
#include "vmm/cpu_model.h"
#include "vmm/sched.h"

/* Indices into struct vapic.reg, as in the memory-mapped page / 16. */
#define REG_ID 0x02u
#define REG_VERSION 0x03u
#define REG_TPR 0x08u
#define REG_PPR 0x0au
#define REG_EOI 0x0bu
#define REG_LDR 0x0du
#define REG_SVR 0x0fu
#define REG_ISR 0x10u
#define REG_IRR 0x20u
#define REG_ESR 0x28u
#define REG_ICR 0x30u
#define REG_ICR_HIGH 0x31u /* the upper half of ICR here; no MSR */
#define REG_LVT 0x32u
#define REG_SELF_IPI 0x3fu
/* One bit a register. Readable: ID VERSION TPR PPR LDR SVR; ISR TMR IRR; ESR
 * ICR LVT and the timer. Writable with no more than a store: TPR SVR LVT and
 * the timer's count and divider (this timer never fires), and ESR, in which
 * the core records no error. */
#define READABLE 0x43fd01ffffffa50cull
#define STORED 0x41fc010000008100ull
#define LVT_ENTRIES 6u
#define LVT_MASKED (1u << 16)
#define ICR_MODE(icr) (((u32)(icr) >> 8) & 7u)
#define ICR_SHORTHAND(icr) (((u32)(icr) >> 18) & 3u)
#define MODE_FIXED 0u
#define MODE_LOWEST 1u
#define MODE_INIT 5u
#define MODE_SIPI 6u
#define ICR_ASSERT (1u << 14)

void vapic_reset(struct vcpu *v)
{
	u32 *reg = v->apic.reg;
	u32 id = vapic_id(v);
	u32 i;

	memset(&v->apic, 0, sizeof(v->apic));
	reg[REG_ID] = id;
	reg[REG_VERSION] = 0x00050014u;
	reg[REG_LDR] = ((id >> 4) << 16) | (1u << (id & 15u));
	reg[REG_SVR] = 0xff;
	for (i = 0; i < LVT_ENTRIES; i++) {
		reg[REG_LVT + i] = LVT_MASKED;
	}
}

/* ISR and IRR are 256 bits in eight registers each. */
static int highest(const struct vcpu *v, u32 first)
{
	const u32 *bits = &v->apic.reg[first];
	int i = 7;

	while (i >= 0 && bits[i] == 0) {
		i -= 1;
	}
	return i < 0 ? -1 : i * 32 + 31 - __builtin_clz(bits[i]);
}

static void vector_set(struct vcpu *v, u32 first, u8 vector)
{
	v->apic.reg[first + vector / 32] |= 1u << (vector % 32);
}

static void vector_clear(struct vcpu *v, u32 first, u8 vector)
{
	v->apic.reg[first + vector / 32] &= ~(1u << (vector % 32));
}

static u32 priority(const struct vcpu *v)
{
	int in_service = highest(v, REG_ISR);
	u32 isr = in_service < 0 ? 0 : (u32)in_service & 0xf0u;
	u32 tpr = v->apic.reg[REG_TPR];

	return (tpr & 0xf0u) >= isr ? tpr : isr;
}

int vapic_pending(const struct vcpu *v)
{
	int vector = v->apic.has_irr ? highest(v, REG_IRR) : -1;

	if (vector < 0 || ((u32)vector & 0xf0u) <= (priority(v) & 0xf0u)) {
		return -1;
	}
	return vector;
}

int vapic_offer(struct vcpu *v)
{
	int vector = vapic_pending(v);

	if (vector >= 0) {
		vector_clear(v, REG_IRR, (u8)vector);
		v->apic.has_irr = highest(v, REG_IRR) >= 0;
	}
	return vector;
}

void vapic_settle(struct vcpu *v, u8 vector, bool is_taken)
{
	vector_set(v, is_taken ? REG_ISR : REG_IRR, vector);
	v->apic.has_irr = v->apic.has_irr || !is_taken;
}

static void raise(struct vcpu *v, u8 vector)
{
	if (vector < 16 || v->run.state == VCPU_DOWN) {
		return;
	}
	vector_set(v, REG_IRR, vector);
	v->apic.has_irr = true;
	vcpu_notify(v);
}

/* INIT on a running processor would reset it; Linux sends it only to those
 * that are down, so a running one ignores it. */
static void deliver(struct vcpu *to, u64 icr)
{
	switch (ICR_MODE(icr)) {
	case MODE_FIXED:
	case MODE_LOWEST:
		raise(to, (u8)icr);
		break;
	case MODE_INIT:
		if (to->run.state == VCPU_DOWN && (icr & ICR_ASSERT) != 0) {
			to->apic.init_pending = true;
		}
		break;
	case MODE_SIPI:
		if (to->apic.init_pending) { /* and so down */
			to->apic.init_pending = false;
			hw_vcpu_reset_sipi(&to->hw, (u8)icr);
			vcpu_set_state(to, VCPU_RUNNABLE);
			sched_start(to);
		}
		break;
	default: /* NMI, SMI: guests have no source they could need */
		break;
	}
}

static bool is_target(const struct vcpu *from, const struct vcpu *to, u64 icr)
{
	u32 destination = (u32)(icr >> 32);

	switch (ICR_SHORTHAND(icr)) {
	case 1:
		return from == to;
	case 2:
		return true;
	case 3:
		return from != to;
	default:
		return destination == ~0u || destination == vapic_id(to);
	}
}

static void send(struct vcpu *from, u64 icr)
{
	struct domain *d = vcpu_domain(from);
	u32 i;

	from->apic.reg[REG_ICR] = (u32)icr;
	from->apic.reg[REG_ICR_HIGH] = (u32)(icr >> 32);
	for (i = 0; i < d->vcpu_count; i++) {
		if (is_target(from, &d->vcpus[i], icr)) {
			deliver(&d->vcpus[i], icr);
		}
	}
}

bool vapic_read(struct vcpu *v, u32 msr, u64 *value)
{
	u32 reg = msr - VAPIC_MSR_FIRST;

	if (((READABLE >> reg) & 1u) == 0) {
		return false;
	}
	*value = reg == REG_PPR ? priority(v) : v->apic.reg[reg];
	if (reg == REG_ICR) {
		*value |= (u64)v->apic.reg[REG_ICR_HIGH] << 32;
	}
	return true;
}

bool vapic_write(struct vcpu *v, u32 msr, u64 value)
{
	u32 reg = msr - VAPIC_MSR_FIRST;
	int in_service = highest(v, REG_ISR);

	if ((reg != REG_ICR && (value >> 32) != 0) ||
	    ((reg == REG_EOI || reg == REG_ESR) && value != 0)) {
		return false;
	}
	switch (reg) {
	case REG_EOI:
		if (in_service >= 0) {
			vector_clear(v, REG_ISR, (u8)in_service);
		}
		return true;
	case REG_ICR:
		send(v, value);
		return true;
	case REG_SELF_IPI:
		raise(v, (u8)value);
		return true;
	default:
		if (((STORED >> reg) & 1u) == 0) {
			return false;
		}
		v->apic.reg[reg] = reg == REG_TPR ? (u8)value : (u32)value;
		return true;
	}
}
