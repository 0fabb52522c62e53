/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt and exception entries, and the two places where the core lets
 * interrupts in. GS base points to struct cpu: index at 0, pending at 4.
 */

#define CPU_PENDING 4

	.text

/* The machine pushed SS, RSP, RFLAGS, CS, RIP; a word for the error code and
 * one for the vector complete struct trap_frame (idt.c). */
	.balign 16
	.globl trap_exceptions
/* 32 entries of 16 bytes; the machine itself pushes some error codes. */
trap_exceptions:
	.set i, 0
	.rept 32
	.balign 16
	.if i != 8 && (i < 10 || i > 14) && i != 17 && i != 21 && \
		i != 29 && i != 30
	pushq $0
	.endif
	pushq $i
	jmp trap_fatal
	.set i, i + 1
	.endr

/* RSP = struct trap_frame. Does not return. */
trap_fatal:
	cld
	movq %rsp, %rdi
	andq $-16, %rsp
	call trap_panic

.macro interrupt name, bit
	.balign 16
	.globl \name
\name:
	pushq %rax
	movl $\bit, %eax
	jmp trap_note
.endm

/* The bits are HW_IRQ_*; a kick needs nothing but to be one. */
interrupt trap_timer, 1
interrupt trap_kick, 2
interrupt trap_uart, 4
/* A vector nobody asked for, or spurious: nothing noted. The acknowledgement
 * is void then, for no handler is ever interrupted by another. */
interrupt trap_stray, 0

/* EAX = bit; the interrupted RAX is on the stack. */
trap_note:
	orl %eax, %gs:CPU_PENDING
	.irp reg, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq %\reg
	.endr
	cld
	call apic_eoi
	.irp reg, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq %\reg
	.endr
	iretq

	.globl trap_debug
/* A breakpoint in the core: only a guest's own, which some machines (QEMU)
 * leave armed after #VMEXIT. The guest's GS may still be loaded. Disarm. */
trap_debug:
	pushq %rax
	movl $0x400, %eax
	movq %rax, %dr7
	popq %rax
	iretq

	.globl hw_irq_window
/* Returns this processor's pending bits in EAX and clears them. */
hw_irq_window:
	sti
	nop
	nop
	cli
	xorl %eax, %eax
	xchgl %eax, %gs:CPU_PENDING
	ret

	.globl hw_idle
/* STI lets no interrupt in before HLT has begun: no wake-up is lost. */
hw_idle:
	cli
	cmpl $0, %gs:CPU_PENDING
	jne 1f
	sti
	hlt
	cli
1:	ret
