/* SPDX-License-Identifier: Apache-2.0 */
#include "lib.h"

#include <stdarg.h>

#include <xen/arch-x86/hvm/start_info.h>
#include <xen/io/console.h>

extern u8 trap_stubs[][16];
extern u64 boot_tss_descriptor[2];
extern u8 boot_stack_end[], ap_begin[], ap_end[], user_return[];
extern u64 user_resume_sp;
extern u32 start_info;
extern volatile u32 ap_count;

#define TRAMPOLINE 0x8000ul
#define OUT_BYTES 2048u
/* Who waits for another vCPU lets it run: Bochs 2.7 takes the processor from
 * nobody who entered with interrupts off. */
#define YIELD_TURNS 4096u

void guest_main(void);
void trap(struct trap *t);
void user_call(void (*function)(void));

static u8 shared_page[PAGE] __attribute__((aligned(4096)));
struct shared_info *shared = (void *)shared_page;
u8 spare[64][PAGE] __attribute__((aligned(4096)));
struct vcpu_info *info[CPUS];
volatile u32 upcalls[CPUS];
volatile u32 ipis[CPUS];
volatile u64 resume_ip;
volatile u32 fault_vector;
void (*volatile on_upcall)(void);

/* ---- plain C -------------------------------------------------------- */

void *memset(void *p, int c, size_t n)
{
	u8 *b = p;

	while (n-- > 0) {
		*b++ = (u8)c;
	}
	return p;
}

void *memcpy(void *to, const void *from, size_t n)
{
	u8 *t = to;
	const u8 *f = from;

	while (n-- > 0) {
		*t++ = *f++;
	}
	return to;
}

/* ---- hypercalls ----------------------------------------------------- */

long hypercall(u64 number, u64 a, u64 b, u64 c, u64 d, u64 e)
{
	register u64 r10 __asm__("r10") = d;
	register u64 r8 __asm__("r8") = e;
	long result;

	__asm__ volatile("vmmcall"
			 : "=a"(result), "+D"(a), "+S"(b), "+d"(c), "+r"(r10),
			   "+r"(r8)
			 : "0"(number)
			 : "memory", "rcx", "r11");
	return result;
}

long event_call(u32 op, void *arg)
{
	return hypercall(__HYPERVISOR_event_channel_op, op, (u64)arg, 0, 0, 0);
}

long grant_call(u32 op, void *arg, u32 count)
{
	return hypercall(__HYPERVISOR_grant_table_op, op, (u64)arg, count, 0,
			 0);
}

long memory_call(u32 op, void *arg)
{
	return hypercall(__HYPERVISOR_memory_op, op, (u64)arg, 0, 0, 0);
}

long vcpu_call(u32 op, u32 vcpu, void *arg)
{
	return hypercall(__HYPERVISOR_vcpu_op, op, vcpu, (u64)arg, 0, 0);
}

long sched_call(u32 op, void *arg)
{
	return hypercall(__HYPERVISOR_sched_op, op, (u64)arg, 0, 0, 0);
}

long hvm_get(u32 index, u64 *value)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF, .index = index };
	long rc = hypercall(__HYPERVISOR_hvm_op, HVMOP_get_param, (u64)&p, 0, 0,
			    0);

	*value = p.value;
	return rc;
}

long hvm_set(u32 index, u64 value)
{
	struct xen_hvm_param p = { .domid = DOMID_SELF,
				   .index = index,
				   .value = value };

	return hypercall(__HYPERVISOR_hvm_op, HVMOP_set_param, (u64)&p, 0, 0,
			 0);
}

u32 own_domid(void)
{
	u32 r[4];

	cpuid(0x40000004u, 0, r);
	return r[2];
}

u32 bind_ipi(u32 vcpu)
{
	struct evtchn_bind_ipi op = { .vcpu = vcpu };

	CHECK_IS(event_call(EVTCHNOP_bind_ipi, &op), 0);
	return op.port;
}

u32 bind_virq(u32 virq, u32 vcpu)
{
	struct evtchn_bind_virq op = { .virq = virq, .vcpu = vcpu };

	CHECK_IS(event_call(EVTCHNOP_bind_virq, &op), 0);
	return op.port;
}

void event_send(u32 port)
{
	struct evtchn_send op = { port };

	CHECK_IS(event_call(EVTCHNOP_send, &op), 0);
}

void event_unmask(u32 port)
{
	struct evtchn_unmask op = { port };

	CHECK_IS(event_call(EVTCHNOP_unmask, &op), 0);
}

long map_shared_info(u64 gfn)
{
	struct xen_add_to_physmap op = { .domid = DOMID_SELF,
					 .space = XENMAPSPACE_shared_info,
					 .gpfn = gfn };

	return memory_call(XENMEM_add_to_physmap, &op);
}

void set_timer(u64 deadline_ns)
{
	struct vcpu_set_singleshot_timer op = { .timeout_abs_ns = deadline_ns };

	CHECK_IS(vcpu_call(VCPUOP_set_singleshot_timer, cpu_id(), &op), 0);
}

/* ---- command line --------------------------------------------------- */

static u64 number(const char *s)
{
	u64 n = 0;

	while (*s >= '0' && *s <= '9') {
		n = n * 10 + (u64)(*s++ - '0');
	}
	return n;
}

/* Behind "name=" if the word at s is that, else NULL. */
static const char *value_of(const char *s, const char *name)
{
	while (*name != 0 && *s == *name) {
		s += 1;
		name += 1;
	}
	return *name == 0 && *s == '=' ? s + 1 : NULL;
}

u64 option(const char *name, u64 otherwise)
{
	const struct hvm_start_info *start = (void *)(u64)start_info;
	const char *s = (const char *)start->cmdline_paddr;
	char before = ' ';

	for (; s != NULL && *s != 0; before = *s++) {
		const char *value = before == ' ' ? value_of(s, name) : NULL;

		if (value != NULL) {
			return number(value);
		}
	}
	return otherwise;
}

/* ---- console and verdict -------------------------------------------- */

static volatile struct xencons_interface *ring;
static u32 ring_port;

static void console_init(void)
{
	u64 pfn = 0, port = 0;

	if (hvm_get(HVM_PARAM_CONSOLE_PFN, &pfn) == 0 && pfn != 0 &&
	    hvm_get(HVM_PARAM_CONSOLE_EVTCHN, &port) == 0) {
		ring = (void *)(pfn * PAGE);
		ring_port = (u32)port;
	}
}

/* The reader in dom0 may be slow, or gone. */
static void console_wait(u32 space)
{
	u32 tries;

	for (tries = 0; tries < 200000; tries++) {
		if (OUT_BYTES - (ring->out_prod - ring->out_cons) >= space) {
			return;
		}
		(void)sched_call(SCHEDOP_yield, NULL);
	}
}

/* Domain 0 has no ring: to the serial line, by the line. */
static void serial_put(char c)
{
	static char line[200];
	static u32 n;

	line[n++] = c;
	if (c == '\n' || n == sizeof(line)) {
		(void)hypercall(__HYPERVISOR_console_io, CONSOLEIO_write, n,
				(u64)line, 0, 0);
		n = 0;
	}
}

static void console_put(char c)
{
	if (ring == NULL) {
		serial_put(c);
		return;
	}
	console_wait(1);
	ring->out[ring->out_prod % OUT_BYTES] = c;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	ring->out_prod += 1;
}

static void console_kick(void)
{
	struct evtchn_send op = { ring_port };

	if (ring != NULL) {
		(void)event_call(EVTCHNOP_send, &op);
	}
}

static void put_number(u64 n, u32 base)
{
	char digits[24];
	u32 i = 0;

	do {
		digits[i++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n != 0);
	while (i > 0) {
		console_put(digits[--i]);
	}
}

static void put_string(const char *s)
{
	while (*s != 0) {
		console_put(*s++);
	}
}

static void put_signed(long n)
{
	if (n < 0) {
		console_put('-');
		n = -n;
	}
	put_number((u64)n, 10);
}

static void put_one(char kind, va_list *list)
{
	switch (kind) {
	case 's':
		put_string(va_arg(*list, const char *));
		break;
	case 'u':
		put_number(va_arg(*list, u32), 10);
		break;
	case 'x':
		put_number(va_arg(*list, u32), 16);
		break;
	case 'l':
		put_number(va_arg(*list, u64), 16);
		break;
	case 'd':
		put_signed(va_arg(*list, long));
		break;
	default:
		console_put(kind);
	}
}

static void say_list(const char *format, va_list *list)
{
	while (*format != 0) {
		if (*format == '%' && format[1] != 0) {
			put_one(format[1], list);
			format += 2;
		} else {
			console_put(*format++);
		}
	}
	put_string("\r\n");
	console_kick();
}

void say(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	say_list(format, &list);
	va_end(list);
}

void stop(u32 reason)
{
	struct sched_shutdown op = { reason };

	if (ring != NULL) {
		console_wait(OUT_BYTES); /* all read */
	}
	for (;;) {
		(void)sched_call(SCHEDOP_shutdown, &op);
	}
}

void fail(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	put_string("FAIL ");
	put_string(claim_name);
	put_string(": ");
	say_list(format, &list);
	va_end(list);
	stop(SHUTDOWN_poweroff);
}

void announce(const char *how)
{
	say("PASS %s if it ends in %s", claim_name, how);
	if (ring != NULL) {
		console_wait(OUT_BYTES);
	}
}

/* ---- traps ---------------------------------------------------------- */

struct gate {
	u16 low, selector, flags, middle;
	u32 high, reserved;
};
static struct gate idt[256] __attribute__((aligned(16)));
static struct {
	u32 reserved;
	u32 sp[6]; /* rsp0 .. rsp2, as words */
	u32 rest[19];
} __attribute__((packed)) tss;

/* From GS, because asking the APIC means an exit. */
u32 cpu_id(void)
{
	u32 id;

	__asm__ volatile("movl %%gs:0, %0" : "=r"(id));
	return id;
}

static void from_user(struct trap *t)
{
	fault_vector = (u32)t->vector;
	t->rip = (u64)user_return;
	t->cs = 0x08;
	t->ss = 0x10;
	t->rsp = user_resume_sp;
}

bool __attribute__((weak)) trap_is_mine(struct trap *t)
{
	(void)t;
	return false;
}

void trap(struct trap *t)
{
	if (trap_is_mine(t)) {
		return;
	}
	if (t->vector == UPCALL_VECTOR) {
		u32 cpu = cpu_id();

		__atomic_store_n(&info[cpu]->evtchn_upcall_pending, 0,
				 __ATOMIC_SEQ_CST);
		upcalls[cpu] += 1;
		if (on_upcall != NULL) {
			on_upcall();
		}
	} else if (t->vector == IPI_VECTOR) {
		ipis[cpu_id()] += 1;
		(void)try_wrmsr(0x80b, 0);
	} else if ((t->cs & 3) == 3) {
		from_user(t);
	} else if (resume_ip != 0) {
		fault_vector = (u32)t->vector;
		t->rip = resume_ip;
		resume_ip = 0;
	} else {
		fail("exception %u, error %x, at %l", (u32)t->vector,
		     (u32)t->error, t->rip);
	}
}

static void tables_make(void)
{
	u64 base = (u64)&tss;
	u64 stack = (u64)boot_stack_end - 16384;
	u32 i;

	for (i = 0; i < 256; i++) {
		u64 stub = (u64)trap_stubs[i];

		idt[i] = (struct gate){
			(u16)stub,	   0x08, 0x8e00, (u16)(stub >> 16),
			(u32)(stub >> 32), 0
		};
	}
	tss.rest[18] = (u32)sizeof(tss) << 16; /* no port for user mode */
	tss.sp[0] = (u32)stack;
	tss.sp[1] = (u32)(stack >> 32);
	boot_tss_descriptor[0] = (sizeof(tss) - 1) | ((base & 0xffffff) << 16) |
				 (0x89ull << 40) | ((base >> 24 & 0xff) << 56);
	boot_tss_descriptor[1] = base >> 32;
}

/* Xen starts a guest with its APIC in the older mode. */
static void x2apic_on(void)
{
	u32 low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0x1b));
	if ((low & 0x400) == 0) {
		low |= 0xc00;
		__asm__ volatile("wrmsr" ::"a"(low), "d"(high), "c"(0x1b));
	}
}

void load_tables(void)
{
	static u32 ids[CPUS] = { 0, 1, 2, 3 };
	struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) r = { sizeof(idt) - 1, (u64)idt };
	u32 low, high;

	__asm__ volatile("lidt %0" ::"m"(r));
	x2apic_on();
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0x802));
	__asm__ volatile("wrmsr" ::"a"((u32)(u64)&ids[low / 2]), "d"(0),
			 "c"(0xc0000101));
}

u32 try_rdmsr(u64 msr, u64 *value)
{
	u32 low = 0, high = 0;

	TRY("rdmsr",
	    : [ip] "+m"(resume_ip), "+a"(low), "+d"(high)
	    : "c"(msr)
	    : "r11", "memory");
	*value = ((u64)high << 32) | low;
	return fault_vector;
}

u32 try_wrmsr(u64 msr, u64 value)
{
	TRY("wrmsr",
	    : [ip] "+m"(resume_ip)
	    : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
	    : "r11", "memory");
	return fault_vector;
}

u32 try_read(u64 address)
{
	u64 value;

	TRY("movq (%[a]), %[v]",
	    : [ip] "+m"(resume_ip), [v] "=&r"(value)
	    : [a] "r"(address)
	    : "r11", "memory");
	return fault_vector;
}

u32 try_xsetbv(u32 index, u64 value)
{
	TRY("xsetbv",
	    : [ip] "+m"(resume_ip)
	    : "c"(index), "a"((u32)value), "d"((u32)(value >> 32))
	    : "r11", "memory");
	return fault_vector;
}

u32 try_string_out(u16 port)
{
	u64 source = (u64)spare[0];

	TRY("outsb",
	    : [ip] "+m"(resume_ip), "+S"(source)
	    : "d"(port)
	    : "r11", "memory");
	return fault_vector;
}

u32 try_vmmcall(u64 number, u64 a)
{
	TRY("vmmcall",
	    : [ip] "+m"(resume_ip), "+a"(number), "+D"(a)
	    :
	    : "rcx", "rsi", "rdx", "r8", "r9", "r10", "r11", "memory");
	return fault_vector;
}

u32 try_user(void (*function)(void))
{
	fault_vector = NO_FAULT;
	user_call(function);
	return fault_vector;
}

void cpuid(u32 leaf, u32 subleaf, u32 out[4])
{
	__asm__ volatile("cpuid"
			 : "=a"(out[0]), "=b"(out[1]), "=c"(out[2]),
			   "=d"(out[3])
			 : "0"(leaf), "2"(subleaf));
}

u64 rdtsc(void)
{
	u32 low, high;

	__asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
	return ((u64)high << 32) | low;
}

u32 in(u16 port, u32 bytes)
{
	u32 value = 0;

	if (bytes == 1) {
		__asm__ volatile("inb %1, %b0" : "+a"(value) : "d"(port));
	} else if (bytes == 2) {
		__asm__ volatile("inw %1, %w0" : "+a"(value) : "d"(port));
	} else {
		__asm__ volatile("inl %1, %0" : "+a"(value) : "d"(port));
	}
	return value;
}

void out(u16 port, u32 bytes, u32 value)
{
	if (bytes == 1) {
		__asm__ volatile("outb %b0, %1" ::"a"(value), "d"(port));
	} else if (bytes == 2) {
		__asm__ volatile("outw %w0, %1" ::"a"(value), "d"(port));
	} else {
		__asm__ volatile("outl %0, %1" ::"a"(value), "d"(port));
	}
}

/* ---- processors ----------------------------------------------------- */

void __attribute__((weak)) ap_main(u32 index)
{
	(void)index;
	for (;;) {
		__asm__ volatile("cli; hlt");
	}
}

static void icr_send(u32 apic, u32 low)
{
	CHECK_IS(try_wrmsr(0x830, ((u64)apic << 32) | low), NO_FAULT);
}

void start_aps(u32 count)
{
	u32 i;

	memcpy((void *)TRAMPOLINE, ap_begin, (size_t)(ap_end - ap_begin));
	for (i = 1; i <= count; i++) {
		icr_send(2 * i, 0xc500); /* INIT, assert */
		icr_send(2 * i, 0x8500); /* INIT, deassert */
		icr_send(2 * i, 0x600 | (u32)(TRAMPOLINE / PAGE));
		icr_send(2 * i, 0x600 | (u32)(TRAMPOLINE / PAGE));
	}
	if (!wait_for(&ap_count, count, 5000 * MS)) {
		fail("%u of %u processors started", ap_count, count);
	}
}

/* ---- events and time ------------------------------------------------ */

bool is_pending(u32 port)
{
	return (__atomic_load_n(&shared->evtchn_pending[port / 64],
				__ATOMIC_SEQ_CST) >>
		(port % 64)) &
	       1;
}

void clear_pending(u32 port)
{
	(void)__atomic_fetch_and(&shared->evtchn_pending[port / 64],
				 ~(1ull << (port % 64)), __ATOMIC_SEQ_CST);
}

void clear_selectors(void)
{
	(void)__atomic_exchange_n(&info[0]->evtchn_pending_sel, 0,
				  __ATOMIC_SEQ_CST);
}

void mask(u32 port)
{
	(void)__atomic_fetch_or(&shared->evtchn_mask[port / 64],
				1ull << (port % 64), __ATOMIC_SEQ_CST);
}

u64 time_ns(void)
{
	const volatile struct vcpu_time_info *t = &info[0]->time;
	u64 now, delta;
	u32 version;

	do {
		version = t->version & ~1u;
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		delta = rdtsc() - t->tsc_timestamp;
		if (t->tsc_shift < 0) {
			delta >>= -t->tsc_shift;
		} else {
			delta <<= t->tsc_shift;
		}
		now = t->system_time +
		      (u64)(((unsigned __int128)delta * t->tsc_to_system_mul) >>
			    32);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	} while (t->version != version);
	return now;
}

bool wait_for(volatile u32 *what, u32 least, u64 ns)
{
	u64 end = time_ns() + ns;
	u32 turns = 0;

	while (*what < least) {
		if (time_ns() > end) {
			return false;
		}
		if (++turns % YIELD_TURNS == 0) {
			(void)sched_call(SCHEDOP_yield, NULL);
		}
		__asm__ volatile("pause");
	}
	return true;
}

void use_shared(void *page)
{
	u32 i;

	shared = page;
	for (i = 0; i < CPUS; i++) {
		info[i] = &shared->vcpu_info[i];
	}
}

void guest_main(void)
{
	console_init();
	tables_make();
	load_tables();
	__asm__ volatile("ltr %w0" ::"r"(0x30));
	CHECK_IS(map_shared_info(gfn_of(shared_page)), 0);
	CHECK_IS(hvm_set(HVM_PARAM_CALLBACK_IRQ, (2ull << 56) | UPCALL_VECTOR),
		 0);
	use_shared(shared);
	claim();
	say("PASS %s", claim_name);
	stop(SHUTDOWN_poweroff);
}

/* ---- measuring -------------------------------------------------------- */

void sort(u32 *a, u32 n)
{
	u32 i, j;

	for (i = 1; i < n; i++) {
		u32 x = a[i];

		for (j = i; j > 0 && a[j - 1] > x; j--) {
			a[j] = a[j - 1];
		}
		a[j] = x;
	}
}
