/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the loader's 32-bit protected mode to boot_main() in 64-bit mode, and
 * how a further processor gets from real mode to smp_enter(). Never touches
 * more than the image itself.
 */

#define MB2_HEADER_MAGIC 0xe85250d6
#define STACK_0_TOP (cpu_stacks_0 + 5 * 4096)
/* Of CPUID 0x80000001 EDX: long mode, 1 GiB pages, NX. */
#define FEATURES 0x24100000

	.section .boot.header, "a"
	.balign 8
mb2_header:
	.long MB2_HEADER_MAGIC
	.long 0				/* i386 entry */
	.long mb2_header_end - mb2_header
	.long 0x100000000 - MB2_HEADER_MAGIC - (mb2_header_end - mb2_header)
	.short 0, 0			/* end */
	.long 8
mb2_header_end:

	.section .note.Xen, "a", @note
	.balign 4
	.long 4, 8, 18			/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.quad boot_entry32

	.section .text.boot, "ax"
	.code32
	.globl boot_entry32
/* EAX = magic or anything, EBX = the loader's information: kept in EDI and
 * ESI as the arguments of boot_main(). */
boot_entry32:
	cli
	cld
	movl $STACK_0_TOP, %esp
	movl %eax, %edi
	movl %ebx, %esi
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb boot_refuse
	movl $0x80000001, %eax
	cpuid
	notl %edx
	testl $FEATURES, %edx
	jnz boot_refuse
	movl $boot_pml4, %eax
	movl $boot_main, %ebp

/* EAX = page tables, EBP = function to call, EDI and ESI = its arguments. */
enter_long_mode:
	movl %eax, %cr3
	movl $0x20, %eax		/* PAE */
	movl %eax, %cr4
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x900, %eax		/* EFER.LME, EFER.NXE */
	wrmsr
	movl $0x80010033, %eax		/* PG WP NE ET MP PE */
	movl %eax, %cr0
	lgdt boot_gdt_pointer
	ljmp $0x08, $boot_entry64

/* Nothing is live: say why on the serial line, then stop. */
boot_refuse:
	movl $boot_refuse_text, %esi
	movw $0x3f8, %dx
1:	lodsb
	testb %al, %al
	jz boot_halt
	outb %al, %dx
	jmp 1b
boot_halt:
	cli
	hlt
	jmp boot_halt

/* A further processor in the image itself: paging off, nothing live. */
smp_entry32:
	movl $0x10, %eax
	movl %eax, %ds
	xorl %edi, %edi
	xchgl %edi, smp_slot		/* only one processor gets the slot */
	testl %edi, %edi
	jz boot_halt
	movl smp_stack, %esp
	movl $mmu_root, %eax
	movl $smp_enter, %ebp
	jmp enter_long_mode

	.code64
boot_entry64:
	movl $0x10, %eax
	movl %eax, %ss			/* IRETQ loads it again; others: unused */
	movl %esp, %esp			/* the upper halves: zero */
	movl %edi, %edi
	movl %esi, %esi
	movl %ebp, %eax
	xorl %ebp, %ebp
	call *%rax
	ud2

	.section .rodata.boot, "a"
	.code16
	.balign 16
	.globl smp_trampoline
	.globl smp_trampoline_end
/* Copied to a page below 1 MiB; CS = that page, nothing else is live. */
smp_trampoline:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl boot_gdt_pointer - smp_trampoline
	movl %cr0, %eax
	orl $1, %eax
	andl $0x9fffffff, %eax		/* caches on: CD, NW clear */
	movl %eax, %cr0
	ljmpl $0x18, $smp_entry32
	.balign 4
boot_gdt_pointer:
	.short boot_gdt_end - boot_gdt - 1
	.long boot_gdt
smp_trampoline_end:
	.balign 8
/* Accessed bits are set: the processor never writes here. */
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* 08: 64-bit code */
	.quad 0x00cf93000000ffff	/* 10: data */
	.quad 0x00cf9b000000ffff	/* 18: 32-bit code */
boot_gdt_end:
boot_refuse_text:
	.asciz "casemate: no 64-bit mode with NX and 1 GiB pages; halted\r\n"

/* The first page tables: an identity map of 4 GiB. */
	.section .data.boot, "aw"
	.balign 4096
boot_pml4:
	.quad boot_pdpt + 3
	.balign 4096
boot_pdpt:
	.quad 0x83, 0x40000083, 0x80000083, 0xc0000083
	.balign 4096
