/* SPDX-License-Identifier: Apache-2.0 */
/* World switch. #VMEXIT leaves GIF clear; it stays so until the host's own
 * FS, GS, TR and LDTR are back, so no host handler ever runs on guest state. */

	.section .text
	.globl svm_enter
/* rdi = struct regs, rsi = guest VMCB, rdx = host VMSAVE area (physical) */
svm_enter:
	.irp reg, rbx, rbp, r12, r13, r14, r15, rdx, rdi
	push	%\reg
	.endr
	mov	%rsi, %rax
	mov	8(%rdi), %rbx
	mov	16(%rdi), %rcx
	mov	24(%rdi), %rdx
	mov	32(%rdi), %rsi
	mov	48(%rdi), %rbp
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	mov	8 * \n(%rdi), %r\n
	.endr
	mov	40(%rdi), %rdi
	clgi
	/* IF = 1 at VMRUN is what lets host interrupts leave the guest. */
	sti
	nop
	vmload	%rax
	vmrun	%rax
	vmsave	%rax
	cli
	/* stack: regs, host; rax is the host's again, all others the guest's */
	push	%rdi
	mov	8(%rsp), %rdi
	mov	%rbx, 8(%rdi)
	mov	%rcx, 16(%rdi)
	mov	%rdx, 24(%rdi)
	mov	%rsi, 32(%rdi)
	mov	%rbp, 48(%rdi)
	.irp n, 8, 9, 10, 11, 12, 13, 14, 15
	mov	%r\n, 8 * \n(%rdi)
	.endr
	pop	40(%rdi)
	pop	%rdi
	pop	%rax
	vmload	%rax
	stgi
	.irp reg, r15, r14, r13, r12, rbp, rbx
	pop	%\reg
	.endr
	ret
