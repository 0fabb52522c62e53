/* SPDX-License-Identifier: Apache-2.0 */
/* Local APIC registers and inter-processor interrupts of one guest. */
#include "vmm/vapic.h"

#include "lib/mem.h"
#include "vmm/sched.h"

#define REG_ID 0x02u
#define REG_VERSION 0x03u
#define REG_TPR 0x08u
#define REG_PPR 0x0au
#define REG_EOI 0x0bu
#define REG_LDR 0x0du
#define REG_SVR 0x0fu
#define REG_ISR 0x10u
#define REG_TMR 0x18u
#define REG_IRR 0x20u
#define REG_ESR 0x28u
#define REG_ICR 0x30u
#define REG_LVT 0x32u
#define REG_TIMER_INITIAL 0x38u
#define REG_TIMER_CURRENT 0x39u
#define REG_TIMER_DIVIDE 0x3eu
#define REG_SELF_IPI 0x3fu
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
	u32 i;

	memset(&v->apic, 0, sizeof(v->apic));
	v->apic.id = v->id * 2u;
	v->apic.svr = 0xff;
	for (i = 0; i < 6; i++) {
		v->apic.lvt[i] = LVT_MASKED;
	}
}

static int highest(const u32 bits[8])
{
	u32 i;

	for (i = 8; i > 0; i--) {
		if (bits[i - 1] != 0) {
			return (int)((i - 1) * 32 + 31) -
			       __builtin_clz(bits[i - 1]);
		}
	}
	return -1;
}

static u32 priority(const struct vcpu *v)
{
	int in_service = highest(v->apic.isr);
	u32 isr = in_service < 0 ? 0 : (u32)in_service & 0xf0u;
	u32 tpr = v->apic.tpr & 0xffu;

	return (tpr & 0xf0u) >= isr ? tpr : isr;
}

int vapic_pending(const struct vcpu *v)
{
	int vector = highest(v->apic.irr);

	if (vector < 0 || ((u32)vector & 0xf0u) <= (priority(v) & 0xf0u)) {
		return -1;
	}
	return vector;
}

void vapic_offer(struct vcpu *v, u8 vector)
{
	v->apic.irr[vector / 32] &= ~(1u << (vector % 32));
}

void vapic_settle(struct vcpu *v, u8 vector, bool is_taken)
{
	u32 *bits = is_taken ? v->apic.isr : v->apic.irr;

	bits[vector / 32] |= 1u << (vector % 32);
}

static void end_of_interrupt(struct vcpu *v)
{
	int vector = highest(v->apic.isr);

	if (vector >= 0) {
		v->apic.isr[vector / 32] &= ~(1u << (vector % 32));
	}
}

static void raise(struct vcpu *v, u8 vector)
{
	if (vector < 16 || v->state == VCPU_DOWN) {
		return;
	}
	v->apic.irr[vector / 32] |= 1u << (vector % 32);
	vcpu_notify(v);
}

static void start_up(struct vcpu *v, u8 vector)
{
	if (v->state != VCPU_DOWN || !v->apic.init_pending) {
		return;
	}
	v->apic.init_pending = false;
	hw_vcpu_reset_sipi(&v->hw, vector);
	v->state = VCPU_RUNNABLE;
	sched_start(v);
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
		if (to->state == VCPU_DOWN && (icr & ICR_ASSERT) != 0) {
			to->apic.init_pending = true;
		}
		break;
	case MODE_SIPI:
		start_up(to, (u8)icr);
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
		return destination == 0xffffffffu || destination == to->apic.id;
	}
}

static void send(struct vcpu *from, u64 icr)
{
	struct domain *d = vcpu_domain(from);
	u32 i;

	from->apic.icr = icr;
	for (i = 0; i < d->vcpu_count; i++) {
		if (is_target(from, &d->vcpus[i], icr)) {
			deliver(&d->vcpus[i], icr);
		}
	}
}

static u32 logical_id(u32 id)
{
	return ((id >> 4) << 16) | (1u << (id & 15u));
}

bool vapic_read(struct vcpu *v, u32 msr, u64 *value)
{
	u32 reg = msr - VAPIC_MSR_FIRST;
	const struct vapic *a = &v->apic;

	*value = 0;
	if (reg >= REG_ISR && reg < REG_TMR) {
		*value = a->isr[reg - REG_ISR];
	} else if (reg >= REG_TMR && reg < REG_IRR) {
		*value = 0;
	} else if (reg >= REG_IRR && reg < REG_ESR) {
		*value = a->irr[reg - REG_IRR];
	} else if (reg >= REG_LVT && reg < REG_LVT + 6) {
		*value = a->lvt[reg - REG_LVT];
	} else {
		switch (reg) {
		case REG_ID:
			*value = a->id;
			break;
		case REG_VERSION:
			*value = 0x00050014u;
			break;
		case REG_TPR:
			*value = a->tpr;
			break;
		case REG_PPR:
			*value = priority(v);
			break;
		case REG_LDR:
			*value = logical_id(a->id);
			break;
		case REG_SVR:
			*value = a->svr;
			break;
		case REG_ESR:
			*value = a->esr;
			break;
		case REG_ICR:
			*value = a->icr;
			break;
		case REG_TIMER_INITIAL:
			*value = a->timer_initial;
			break;
		case REG_TIMER_CURRENT:
			break;
		case REG_TIMER_DIVIDE:
			*value = a->timer_divide;
			break;
		default:
			return false;
		}
	}
	return true;
}

bool vapic_write(struct vcpu *v, u32 msr, u64 value)
{
	u32 reg = msr - VAPIC_MSR_FIRST;
	struct vapic *a = &v->apic;

	if ((reg != REG_ICR && (value >> 32) != 0) ||
	    ((reg == REG_EOI || reg == REG_ESR) && value != 0)) {
		return false;
	}
	if (reg >= REG_LVT && reg < REG_LVT + 6) {
		a->lvt[reg - REG_LVT] = (u32)value;
		return true;
	}
	switch (reg) {
	case REG_TPR:
		a->tpr = (u32)value & 0xffu;
		return true;
	case REG_EOI:
		end_of_interrupt(v);
		return true;
	case REG_SVR:
		a->svr = (u32)value;
		return true;
	case REG_ESR:
		a->esr = 0;
		return true;
	case REG_ICR:
		send(v, value);
		return true;
	case REG_TIMER_INITIAL: /* stored only: this timer never fires */
		a->timer_initial = (u32)value;
		return true;
	case REG_TIMER_DIVIDE:
		a->timer_divide = (u32)value;
		return true;
	case REG_SELF_IPI:
		raise(v, (u8)value);
		return true;
	default:
		return false;
	}
}
