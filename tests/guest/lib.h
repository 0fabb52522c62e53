/* SPDX-License-Identifier: Apache-2.0 */
/* What the test kernels share. A test is one claim: claim() returns when it
 * holds; fail() and the check macros end the guest. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __XEN_INTERFACE_VERSION__ 0x00040e00
#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/grant_table.h>
#include <xen/hvm/hvm_op.h>
#include <xen/hvm/params.h>
#include <xen/memory.h>
#include <xen/sched.h>
#include <xen/vcpu.h>
#include <xen/version.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define PAGE 4096u
#define UPCALL_VECTOR 0xf3u
#define IPI_VECTOR 0x40u
#define CPUS 4u
#define MS 1000000ull
#define E_PERM (-1l)
#define E_NOENT (-2l)
#define E_SRCH (-3l)
#define E_FAULT (-14l)
#define E_EXIST (-17l)
#define E_INVAL (-22l)
#define E_NOSYS (-38l)

/* Each test defines these two. */
extern const char claim_name[];
void claim(void);

/* The default does nothing but halt; smp.c has its own. */
void ap_main(u32 index);

/* ---- verdicts ------------------------------------------------------- */

/* %s %u %x (32 bits) %d %l (64 bits, hexadecimal) */
void say(const char *format, ...);
void __attribute__((noreturn)) fail(const char *format, ...);
void __attribute__((noreturn)) stop(u32 reason); /* SHUTDOWN_* */
/* The last line before a guest that must not come back from what follows:
 * "PASS name if it ends in HOW". FAIL follows if it does come back. */
void announce(const char *how);

#define CHECK(truth)                                                           \
	do {                                                                   \
		if (!(truth)) {                                                \
			fail("line %u: %s", (u32)__LINE__, #truth);            \
		}                                                              \
	} while (0)
#define CHECK_IS(expression, wanted)                                           \
	do {                                                                   \
		long is_ = (long)(expression);                                 \
		if (is_ != (long)(wanted)) {                                   \
			fail("line %u: %s is %d, not %d", (u32)__LINE__,       \
			     #expression, is_, (long)(wanted));                \
		}                                                              \
	} while (0)

/* ---- hypercalls ----------------------------------------------------- */

long hypercall(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e);
long event_call(u32 op, void *arg);
long grant_call(u32 op, void *arg, u32 count);
long memory_call(u32 op, void *arg);
long vcpu_call(u32 op, u32 vcpu, void *arg);
long sched_call(u32 op, void *arg);
long hvm_get(u32 index, u64 *value);
long hvm_set(u32 index, u64 value);
u32 own_domid(void);
u32 bind_ipi(u32 vcpu);
u32 bind_virq(u32 virq, u32 vcpu);
void event_send(u32 port);
void event_unmask(u32 port);
long map_shared_info(u64 gfn);
void set_timer(u64 deadline_ns);

/* A number from the command line, written NAME=N in decimal. */
u64 option(const char *name, u64 otherwise);

/* ---- machine -------------------------------------------------------- */

struct trap {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};
#define NO_FAULT (~0u)
extern volatile u64 resume_ip;
extern volatile u32 fault_vector;
/* Instructions whose exception ends up in fault_vector; behind them comes what
 * an asm statement has, with [ip] "+m"(resume_ip) and "r11" in it. */
#define TRY(code, ...)                                                         \
	fault_vector = NO_FAULT;                                               \
	__asm__ volatile("leaq 1f(%%rip), %%r11\n\t"                           \
			 "movq %%r11, %[ip]\n\t" code "\n"                     \
			 "1:\tmovq $0, %[ip]" __VA_ARGS__)
/* Do it; the vector of the exception it caused, or NO_FAULT. */
u32 try_rdmsr(u64 msr, u64 *value);
u32 try_wrmsr(u64 msr, u64 value);
u32 try_read(u64 address);
u32 try_xsetbv(u32 index, u64 value);
u32 try_string_out(u16 port);
u32 try_vmmcall(u64 number, u64 a);
/* Run it in user mode; the vector it ended with. */
u32 try_user(void (*function)(void));
void cpuid(u32 leaf, u32 subleaf, u32 out[4]);
u64 rdtsc(void);
u32 in(u16 port, u32 bytes);
void out(u16 port, u32 bytes, u32 value);
static inline void sti(void)
{
	__asm__ volatile("sti" ::: "memory");
}
static inline void cli(void)
{
	__asm__ volatile("cli" ::: "memory");
}
static inline void halt(void) /* with interrupts on; off afterwards */
{
	__asm__ volatile("sti; hlt; cli" ::: "memory");
}
/* A test that takes traps itself has its own; the default takes none. */
bool trap_is_mine(struct trap *t);
u32 cpu_id(void);	/* vCPU number, from its APIC */
void load_tables(void); /* interrupt table, on each processor */
/* Start the other processors: `count` of them answer in ap_main(). */
void start_aps(u32 count);

/* ---- memory and time ------------------------------------------------ */

extern struct shared_info *shared; /* mapped at boot */
extern struct vcpu_info *info[CPUS];
void use_shared(void *page); /* after shared_info moved */
extern u8 spare[64][PAGE];   /* pages to play with, RAM */
static inline u64 gfn_of(const void *p)
{
	return (u64)p / PAGE;
}
void *memset(void *p, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);
bool is_pending(u32 port);
void clear_pending(u32 port);
void clear_selectors(void); /* of vCPU 0 */
void mask(u32 port);
u64 time_ns(void); /* pvclock of vCPU 0 */
/* Lowest first; for a few samples. */
void sort(u32 *a, u32 n);
extern volatile u32 upcalls[CPUS];
extern volatile u32 ipis[CPUS];
extern void (*volatile on_upcall)(void); /* called at each, interrupts off */
/* Wait, spinning, until *what is at least `least` or the time is over. */
bool wait_for(volatile u32 *what, u32 least, u64 ns);
