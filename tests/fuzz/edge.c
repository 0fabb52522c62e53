/* SPDX-License-Identifier: Apache-2.0 */
/* Linked before and after the core: page-aligned ends of its data. */
#define PAIR(a, b) a##b
#define NAME(a, b) PAIR(a, b)

unsigned char NAME(core_bss_, EDGE)[4096] __attribute__((aligned(4096)));
unsigned char NAME(core_data_, EDGE)[4096]
	__attribute__((aligned(4096))) = { 1 };
