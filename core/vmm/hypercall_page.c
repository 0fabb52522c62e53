/* SPDX-License-Identifier: Apache-2.0 */
/* 128 stubs of 32 bytes: mov $number, %eax; vmmcall; ret. */
#include "vmm/hypercall_page.h"

#include "lib/mem.h"
#include "vmm/p2m.h"

#define STUB_BYTES 32u
#define STUBS (PAGE_SIZE / STUB_BYTES)
#define IRET_STUB 23u /* means nothing outside PV guests: ud2 */

static void stub(u8 *p, u32 number)
{
	static const u8 call[] = { 0xb8, 0, 0, 0, 0, 0x0f, 0x01, 0xd9, 0xc3 };

	memset(p, 0xcc, STUB_BYTES);
	if (number == IRET_STUB) {
		p[0] = 0x0f;
		p[1] = 0x0b;
		return;
	}
	memcpy(p, call, sizeof(call));
	p[1] = (u8)number;
}

bool hypercall_page_fill(struct vcpu *v, gpa_t gpa)
{
	struct p2m_entry e = p2m_get(vcpu_domain(v), gpa >> PAGE_SHIFT);
	u8 *page;
	u32 i;

	if ((gpa & PAGE_MASK) != 0 || e.kind != P2M_RAM) {
		return false;
	}
	page = hw_frame(e.mfn);
	for (i = 0; i < STUBS; i++) {
		stub(page + i * STUB_BYTES, i);
	}
	return true;
}
