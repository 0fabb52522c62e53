/* SPDX-License-Identifier: Apache-2.0 */
/* A PVH kernel's way to 64-bit C: entry in 32-bit protected mode without
 * paging, EBX = hvm_start_info; the first 4 GiB identity-mapped, also for user
 * mode. Secondary processors come through a copy of ap_begin below 1 MiB. */

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 4, 18			/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long _start

	.section .text.boot, "ax"
	.code32
	.globl _start
_start:					/* live: ebx */
	cld
	movl %ebx, start_info
	movl $boot_tables + 0x1000 + 0x7, boot_tables
	xorl %ecx, %ecx
1:	/* live: ecx = GiB; four page directories behind the two top tables */
	movl %ecx, %eax
	shll $12, %eax
	addl $boot_tables + 0x2000 + 0x7, %eax
	movl %eax, boot_tables + 0x1000(, %ecx, 8)
	incl %ecx
	cmpl $4, %ecx
	jne 1b
	xorl %ecx, %ecx
2:	/* live: ecx = number of a 2 MiB page */
	movl %ecx, %eax
	shll $21, %eax
	orl $0x87, %eax
	movl %eax, boot_tables + 0x2000(, %ecx, 8)
	incl %ecx
	cmpl $2048, %ecx
	jne 2b
	xorl %edi, %edi

enter_long:				/* live: edi = 0 first processor, else 1 */
	movl %cr4, %eax
	orl $0x20, %eax			/* PAE */
	movl %eax, %cr4
	movl $boot_tables, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax		/* EFER.LME */
	wrmsr
	movl %cr0, %eax
	orl $0x80000001, %eax
	movl %eax, %cr0
	lgdt boot_gdtr
	ljmp $0x08, $start64

	.code64
start64:				/* live: edi */
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	testl %edi, %edi
	jnz 3f
	movl $boot_stack_end, %esp
	xorl %ebp, %ebp
	call guest_main
	ud2
3:	movl $1, %edi
	lock xaddl %edi, ap_count
	movl %edi, %eax
	shll $14, %eax
	leal ap_stacks + 0x4000(%eax), %esp
	xorl %ebp, %ebp
	call ap_main			/* edi = 0, 1, 2 ... in order of arrival */
	ud2

	.code16
	.globl ap_begin, ap_end
ap_begin:				/* live: cs = the copy's segment */
	cli
	movw %cs, %ax
	movw %ax, %ds
	lgdtl ap_gdtr - ap_begin
	movl %cr0, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $0x28, $ap32
	.balign 4
ap_gdtr:
	.word boot_gdt_end - boot_gdt - 1
	.long boot_gdt
ap_end:

	.code32
ap32:					/* live: nothing */
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $1, %edi
	jmp enter_long

	.code64
	.text
/* One 16-byte stub for each vector; error codes evened out. */
	.balign 16
	.globl trap_stubs
trap_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
	pushq $0
	.endif
	pushq $vector
	jmp trap_common
	.set vector, vector + 1
	.endr

trap_common:				/* live: everything */
	pushq %rax
	pushq %rbx
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %rbp
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	cld
	movq %rsp, %rdi
	call trap
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rbp
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rbx
	popq %rax
	addq $16, %rsp
	iretq

/* user_call(function): runs it in user mode until it faults. */
	.globl user_call, user_return
user_call:				/* live: rdi, callee-saved registers */
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, user_resume_sp
	pushq $0x1b			/* ss */
	pushq $user_stack_end
	pushq $0x2			/* rflags */
	pushq $0x23			/* cs */
	pushq %rdi
	iretq
user_return:				/* live: rsp = user_resume_sp */
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret

	.data
	.balign 16
	.globl boot_gdt
boot_gdt:
	.quad 0
	.quad 0x00af9a000000ffff	/* 08 kernel code, 64-bit */
	.quad 0x00cf92000000ffff	/* 10 kernel data */
	.quad 0x00cff2000000ffff	/* 18 user data */
	.quad 0x00affa000000ffff	/* 20 user code, 64-bit */
	.quad 0x00cf9a000000ffff	/* 28 kernel code, 32-bit */
	.globl boot_tss_descriptor
boot_tss_descriptor:
	.quad 0, 0			/* 30 */
boot_gdt_end:
boot_gdtr:
	.word boot_gdt_end - boot_gdt - 1
	.quad boot_gdt

	.bss
	.balign 4096
boot_tables:
	.skip 6 * 4096
boot_stack:
	.skip 32768
	.globl boot_stack_end
boot_stack_end:
	.skip 4096
user_stack_end:
ap_stacks:
	.skip 4 * 0x4000
	.globl start_info, ap_count, user_resume_sp
start_info:
	.long 0
ap_count:
	.long 0
	.balign 8
user_resume_sp:
	.quad 0

	.section .note.GNU-stack, "", @progbits
