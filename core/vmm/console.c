/* SPDX-License-Identifier: Apache-2.0 */
/* console_io: the physical serial line, for domain 0 (and whoever the policy
 * lets write). */
#include "vmm/hypercall.h"

#define CHUNK 64u

/* A piece at a time, with others let in between: a serial line is slow. The
 * rest is in the caller's argument registers, as in other long calls. */
static err_t write(struct vcpu *v, u64 count, gva_t arg)
{
	char buffer[CHUNK];
	u32 n = count > CHUNK ? CHUNK : (u32)count;

	if (copy_from_guest(v, buffer, arg, n) != 0) {
		return E_FAULT;
	}
	hw_uart_write(buffer, n);
	v->hw.regs.rsi = count - n;
	v->hw.regs.rdx = arg + n;
	return count > n ? E_RESTART : 0;
}

static err_t read(struct vcpu *v, u64 count, gva_t arg)
{
	char buffer[CHUNK];
	u32 n = 0;
	int c = 0;

	while (n < count && n < CHUNK && c >= 0) {
		c = hw_uart_read();
		if (c >= 0) {
			buffer[n] = (char)c;
			n += 1;
		}
	}
	return copy_to_guest(v, arg, buffer, n) != 0 ? E_FAULT : (err_t)n;
}

err_t console_op(struct vcpu *v, const struct hypercall_row *row, u64 count,
		 gva_t arg)
{
	if (row->subop == CONSOLEIO_write) {
		return write(v, count, arg);
	}
	return read(v, count, arg);
}
