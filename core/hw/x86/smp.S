/* SPDX-License-Identifier: Apache-2.0 */
/* How a further processor gets from real mode to smp_enter(). */

#define CR0_WANTED 0x80010033		/* PG WP NE ET MP PE */

	.section .rodata.smp, "a"
	.balign 16
	.globl smp_trampoline
	.globl smp_trampoline_end
	.code16
/* Copied to a page below 1 MiB; CS = that page, nothing else is live. */
smp_trampoline:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl smp_gdt_pointer - smp_trampoline
	movl %cr0, %eax
	orl $1, %eax
	andl $0x9fffffff, %eax		/* caches on: CD, NW clear */
	movl %eax, %cr0
	ljmpl $0x18, $smp_entry32
	.balign 4
smp_gdt_pointer:
	.short 31
	.long boot_gdt
smp_trampoline_end:

	.text
	.code32
/* In the image itself from here, paging off, nothing live. */
smp_entry32:
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %edi, %edi
	xchgl %edi, smp_slot		/* only one processor gets the slot */
	testl %edi, %edi
	jz smp_unwanted
	movl $0x20, %eax		/* PAE */
	movl %eax, %cr4
	movl $mmu_root, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x900, %eax		/* EFER.LME, EFER.NXE */
	wrmsr
	movl $CR0_WANTED, %eax
	movl %eax, %cr0
	ljmp $0x08, $smp_entry64
smp_unwanted:
	cli
	hlt
	jmp smp_unwanted

	.code64
/* EDI = processor number. */
smp_entry64:
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl %edi, %edi
	movq smp_stack, %rsp
	xorl %ebp, %ebp
	call smp_enter
1:	hlt
	jmp 1b

	.section .note.GNU-stack, "", @progbits
