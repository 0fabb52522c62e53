/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a loader hands over, and the command line: the first byte says how the
 * rest is to be read. The core may stop with one line; it may not read beyond
 * what it was given, and what it takes over must make sense.
 */
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "abi/limits.h"
#include "boot/boot.h"
#include "fake_hw.h"
#include "fuzz.h"
#include "reset.h"

#define ROOM (32u * PAGE_SIZE)

#define IMAGE_START 0x200000ull /* as in core.lds */
#define IMAGE_END 0x300000ull

static u8 *low; /* ROOM bytes below 4 GiB, then a page out of reach */

static void module_check(const struct boot_module *m, const char *name)
{
	if (m->bytes != 0 &&
	    (m->start >= FOUR_GIB || m->bytes > FOUR_GIB - m->start)) {
		fuzz_fail("module %s: %lx bytes at %lx", name, m->bytes,
			  m->start);
	}
}

static void text_check(const char *text, size_t room, const char *name)
{
	if (memchr(text, '\0', room) == NULL) {
		fuzz_fail("%s does not end", name);
	}
}

/* Sorted, disjoint, whole pages, none empty. */
static void ranges_check(void)
{
	u64 end = 0;
	u32 i;

	for (i = 0; i < boot.range_count; i++) {
		const struct boot_range *r = &boot.ranges[i];

		if (r->start < end || r->end <= r->start ||
		    ((r->start | r->end) & PAGE_MASK) != 0) {
			fuzz_fail("range %u is %lx..%lx after %lx", i, r->start,
				  r->end, end);
		}
		end = r->end;
	}
}

static void results_check(void)
{
	module_check(&boot.dom0_kernel, "dom0-kernel");
	module_check(&boot.dom0_initrd, "dom0-initrd");
	module_check(&boot.policy, "policy");
	text_check(boot.cmdline, sizeof(boot.cmdline), "the command line");
	text_check(boot.dom0_cmdline, sizeof(boot.dom0_cmdline),
		   "dom0's command line");
}

/* The rest of what boot_main() does with it, up to the page tables. */
static void go_on(void)
{
	results_check();
	if (boot.dom0_vcpus < 1 || boot.dom0_vcpus > CASEMATE_MAX_VCPUS ||
	    boot.dom0_bytes % MIB != 0 || boot.dom0_bytes < 64 * MIB) {
		fuzz_fail("dom0 has %u vCPUs, %lx bytes", boot.dom0_vcpus,
			  boot.dom0_bytes);
	}
	ranges_check();
	map_paint(IMAGE_START, IMAGE_END, BOOT_CORE);
	ranges_check();
	modules_paint();
	ranges_check();
	(void)map_covered(DOM0_START, DOM0_START + boot.dom0_bytes);
	(void)map_end(0, ADDRESS_END);
	(void)map_take(PAGE_SIZE, PAGE_SIZE, LOW_END);
	ranges_check();
}

static void read_it(u32 how, const u8 *at, u32 bytes)
{
	switch (how % 4) {
	case 0:
	case 1:
		multiboot2_read((u64)at);
		go_on();
		break;
	case 2: /* a command line, and the modules it names */
		module_add_joined(cmdline_parse((const char *)at, bytes),
				  0x10000, 0x100000);
		results_check();
		break;
	default:
		pvh_read((u64)at);
		go_on();
	}
}

static void room_make(void)
{
	low = mmap(NULL, ROOM + PAGE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (low == MAP_FAILED ||
	    mprotect(low + ROOM, PAGE_SIZE, PROT_NONE) != 0) {
		fuzz_fail("no memory below 4 GiB");
	}
}

/* A start_info names places: numbers below 64 KiB count from its own. */
static void pvh_place(u8 *at, u32 bytes)
{
	u64 where = 0;
	u32 i;

	for (i = 16; i < 48; i += 8) {
		memcpy(&where, at + i, 8);
		if (where != 0) {
			where = (u64)at + where % (bytes + 8u);
			memcpy(at + i, &where, 8);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	u32 n = bytes < 1 ? 0 : (u32)bytes - 1;
	u32 total;
	int how;
	u8 *at;

	if (low == NULL) {
		room_make();
		reset_save(0);
	} else {
		reset_restore(0);
	}
	if (n < 8 || n > ROOM / 2) {
		return 0;
	}
	at = low + ROOM - (n + 7u) / 8u * 8u;
	if (data[0] % 4 == 3) { /* its strings and tables have no length */
		memset(low, 0, ROOM);
		at = low + PAGE_SIZE;
	}
	memcpy(at, data + 1, n);
	memcpy(&total, at, 4);
	if (data[0] % 4 == 0 || (data[0] % 4 == 1 && total > n)) {
		memcpy(at, &n, 4); /* its size is right, or too small */
	} else if (data[0] % 4 == 3) {
		pvh_place(at, n);
	}
	fake_uart_used = 0;
	how = setjmp(fake_stop);
	if (how == 0) {
		read_it(data[0], at, n);
	} else if (how != FAKE_HALTED || fake_uart_used == 0 ||
		   (fake_uart_used < FAKE_UART && /* else it is full */
		    fake_uart[fake_uart_used - 1] != '\n')) {
		fuzz_fail("stopped by %d, without a line", how);
	}
	return 0;
}
