/* SPDX-License-Identifier: Apache-2.0 */
/* World switch. #VMEXIT leaves GIF clear; it stays so until the host's own
 * FS, GS, TR and LDTR are back, so no host handler ever runs on guest state. */

	.section .text
	.globl svm_enter
	.type svm_enter, @function
/* rdi = struct regs, rsi = guest VMCB, rdx = host VMSAVE area (physical) */
svm_enter:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdx
	push	%rdi
	mov	%rsi, %rax
	mov	8(%rdi), %rbx
	mov	16(%rdi), %rcx
	mov	24(%rdi), %rdx
	mov	32(%rdi), %rsi
	mov	48(%rdi), %rbp
	mov	64(%rdi), %r8
	mov	72(%rdi), %r9
	mov	80(%rdi), %r10
	mov	88(%rdi), %r11
	mov	96(%rdi), %r12
	mov	104(%rdi), %r13
	mov	112(%rdi), %r14
	mov	120(%rdi), %r15
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
	mov	%r8, 64(%rdi)
	mov	%r9, 72(%rdi)
	mov	%r10, 80(%rdi)
	mov	%r11, 88(%rdi)
	mov	%r12, 96(%rdi)
	mov	%r13, 104(%rdi)
	mov	%r14, 112(%rdi)
	mov	%r15, 120(%rdi)
	pop	%rax
	mov	%rax, 40(%rdi)
	pop	%rdi
	pop	%rax
	vmload	%rax
	stgi
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size svm_enter, . - svm_enter

	.section .note.GNU-stack, "", @progbits
