/* SPDX-License-Identifier: Apache-2.0 */
/* Basic types of the core: machine frames, guest frames, domains, errors. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

typedef u64 mfn_t;   /* machine frame number (machine address >> 12) */
typedef u64 gfn_t;   /* guest frame number (guest-physical >> 12) */
typedef u64 gpa_t;   /* guest-physical address */
typedef u64 gva_t;   /* guest linear address */
typedef u16 domid_t; /* domain identifier = index into domains[] */

/* Of a function: part of its callers, for what every hypercall takes. */
#define INLINED inline __attribute__((always_inline))
/* Kept out of its callers, so that their own frames are small: what is rarely
 * needed, and what is the same for many. */
#define OUTLINED __attribute__((noinline))
/* The same with the arguments that are written, none taken apart: gcc's word,
 * which clang has not. */
#ifdef __clang__
#define AS_WRITTEN OUTLINED
#else
#define AS_WRITTEN __attribute__((noipa))
#endif

/* 0, or a negative Xen errno (the numbers are Linux's). */
typedef int err_t;

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096u
#define PAGE_MASK 4095u
#define MFN_NONE ((mfn_t)0xffffffffffffffff)

#define E_PERM (-1)
#define E_NOENT (-2)
#define E_SRCH (-3)
#define E_NOMEM (-12)
#define E_ACCES (-13)
#define E_FAULT (-14)
#define E_BUSY (-16)
#define E_EXIST (-17)
#define E_INVAL (-22)
#define E_NOSPC (-28)
#define E_NOSYS (-38)
#define E_OPNOTSUPP (-95)
/* Not an errno a guest ever sees: run the hypercall again from its start
 * after pending interrupts were taken (a continuation). */
#define E_RESTART (-4096)
