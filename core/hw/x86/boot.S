/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the loader's 32-bit protected mode to boot_main() in 64-bit mode.
 * Never touches more than the image itself.
 */

#define MB2_HEADER_MAGIC 0xe85250d6
#define MB2_ENTRY_MAGIC 0x36d76289
#define PVH_MAGIC 0x336ec578
#define STACK_0_TOP (cpu_stack_0 + 5 * 4096)

	.section .boot.header, "a"
	.balign 8
mb2_header:
	.long MB2_HEADER_MAGIC
	.long 0				/* i386 entry */
	.long mb2_header_end - mb2_header
	.long 0x100000000 - MB2_HEADER_MAGIC - (mb2_header_end - mb2_header)
	.short 1, 0			/* wanted: command line, modules, map */
	.long 20
	.long 1, 3, 6
	.balign 8
	.short 6, 0			/* modules on page boundaries */
	.long 8
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
/* EAX = magic or anything, EBX = the loader's information. */
boot_entry32:
	cli
	cld
	movl $STACK_0_TOP, %esp
	movl %ebx, %esi
	movl $1, %edi
	cmpl $MB2_ENTRY_MAGIC, %eax
	je 1f
	incl %edi
	cmpl $PVH_MAGIC, (%ebx)
	je 1f
	xorl %edi, %edi
1:	/* EDI = protocol and ESI = information stay live until boot_main. */
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb boot_no_long
	movl $0x80000001, %eax
	cpuid
	btl $29, %edx
	jnc boot_no_long
	call boot_tables
	movl %cr4, %eax
	orl $0x20, %eax			/* PAE */
	movl %eax, %cr4
	movl $boot_pml4, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax		/* EFER.LME */
	wrmsr
	movl %cr0, %eax
	orl $0x80000001, %eax		/* PG, PE */
	movl %eax, %cr0
	lgdt boot_gdt_pointer
	ljmp $0x08, $boot_entry64

/* Identity map of 4 GiB in 2 MiB pages. Uses EAX, ECX, EDX. */
boot_tables:
	movl $boot_pdpt + 3, boot_pml4
	movl $boot_pd + 3, %eax
	xorl %ecx, %ecx
1:	movl %eax, boot_pdpt(,%ecx,8)
	addl $4096, %eax
	incl %ecx
	cmpl $4, %ecx
	jb 1b
	movl $0x83, %eax		/* present, writable, 2 MiB */
	xorl %ecx, %ecx
1:	movl %eax, boot_pd(,%ecx,8)
	addl $0x200000, %eax
	incl %ecx
	cmpl $2048, %ecx
	jb 1b
	ret

/* Nothing is live: say why on the serial line, then stop. */
boot_no_long:
	movl $boot_no_long_text, %esi
	movw $0x3f8, %dx
1:	lodsb
	testb %al, %al
	jz 2f
	outb %al, %dx
	jmp 1b
2:	hlt
	jmp 2b

	.code64
/* EDI = protocol, ESI = information. */
boot_entry64:
	movl $0x10, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	xorl %eax, %eax
	movl %eax, %fs
	movl %eax, %gs
	movl $STACK_0_TOP, %esp
	xorl %ebp, %ebp
	movl %edi, %edi
	movl %esi, %esi
	call boot_main
1:	hlt
	jmp 1b

	.section .rodata.boot, "a"
	.balign 8
	.globl boot_gdt
/* Accessed bits are set: the processor never writes here. */
boot_gdt:
	.quad 0
	.quad 0x00af9b000000ffff	/* 08: 64-bit code */
	.quad 0x00cf93000000ffff	/* 10: data */
	.quad 0x00cf9b000000ffff	/* 18: 32-bit code */
boot_gdt_pointer:
	.short . - boot_gdt - 1
	.long boot_gdt
boot_no_long_text:
	.asciz "casemate: this processor has no 64-bit mode; halted\r\n"

	.section .bss.boot, "aw", @nobits
	.balign 4096
boot_pml4:
	.skip 4096
boot_pdpt:
	.skip 4096
boot_pd:
	.skip 4 * 4096
	.section .note.GNU-stack, "", @progbits
