/* SPDX-License-Identifier: Apache-2.0 */
/* dom0 trying, as root, every way it has to read a running guest's memory:
 *
 *     dom0-pry DOMID
 *
 * Each way prints one TRY line. Exit status 0 only if all were refused. A way
 * that needs a page tries several; one success counts as success.
 */
#include <stdint.h>
#include <sys/mman.h>

/* The tools' halves of the public headers. */
#define __XEN_TOOLS__ 1
#include <xen/xen.h>
#include <xen/domctl.h>
#include <xen/grant_table.h>
#include <xen/memory.h>

#include <xencall.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>

#include "../../core/abi/control.h"
#include "try.h"

/* References 0 and 1 are the console and xenstore rings, which are granted. */
#define FIRST_PRIVATE_REF 2u
#define LAST_PRIVATE_REF 255u

/* Low RAM, the kernel's text and data, and a page of the initrd's. */
static const xen_pfn_t pages[] = { 0x1, 0x80, 0x1000, 0x2a00, 0x4b00 };
#define PAGES (sizeof(pages) / sizeof(pages[0]))

static unsigned int domid;
static unsigned int succeeded;

static void judge(const char *what, long result)
{
	if (result < 0) {
		try_errno(what, domid);
	} else {
		try_done(what, domid, "value=%ld", result);
		succeeded++;
	}
}

static void try_grant_map(void)
{
	xengnttab_handle *xgt = xengnttab_open(quiet(), 0);
	long mapped = 0;

	MUST(xgt, "/dev/xen/gntdev");
	for (uint32_t ref = FIRST_PRIVATE_REF; ref <= LAST_PRIVATE_REF; ref++) {
		if (xengnttab_map_grant_ref(xgt, domid, ref, PROT_READ)) {
			mapped++;
		}
	}
	judge("dom0-grant-map", mapped > 0 ? mapped : -1);
	xengnttab_close(xgt);
}

static void try_foreign_map(void)
{
	xenforeignmemory_handle *xfm = xenforeignmemory_open(quiet(), 0);
	long mapped = 0;
	int first = 0;

	MUST(xfm, "/dev/xen/privcmd");
	for (size_t i = 0; i < PAGES; i++) {
		int err = 0;
		void *page = xenforeignmemory_map(xfm, domid, PROT_READ, 1,
						  &pages[i], &err);

		if (page && err == 0) {
			mapped++;
		} else if (first == 0) {
			first = err < 0 ? -err : errno;
		}
	}
	errno = first;
	judge("dom0-foreign-map", mapped > 0 ? mapped : -1);
	xenforeignmemory_close(xfm);
}

static void try_resource_map(void)
{
	xenforeignmemory_handle *xfm = xenforeignmemory_open(quiet(), 0);
	long mapped = 0;

	MUST(xfm, "/dev/xen/privcmd");
	for (unsigned int type = 0; type < 3; type++) {
		void *page = NULL;

		if (xenforeignmemory_map_resource(xfm, (domid_t)domid, type, 0,
						  0, 1, &page, PROT_READ, 0)) {
			mapped++;
		}
	}
	judge("dom0-resource-map", mapped > 0 ? mapped : -1);
	xenforeignmemory_close(xfm);
}

/* Copy from a frame by number, as if no grant were needed. */
static void try_frame_copy(xencall_handle *call)
{
	struct gnttab_copy *op = xencall_alloc_buffer(call, sizeof(*op));
	char code[16] = "";
	long copied = 0;
	int rc;

	MUST(op, "a hypercall buffer");
	for (size_t i = 0; i < PAGES; i++) {
		memset(op, 0, sizeof(*op));
		op->source.u.gmfn = pages[i];
		op->source.domid = (domid_t)domid;
		op->dest.u.gmfn = 0x90; /* dom0's own low RAM */
		op->dest.domid = DOMID_SELF;
		op->len = 64;
		rc = xencall3(call, __HYPERVISOR_grant_table_op, GNTTABOP_copy,
			      (unsigned long)op, 1);
		if (rc == 0 && op->status == GNTST_okay) {
			copied++;
		}
		snprintf(code, sizeof(code), "GNTST%d", rc ? rc : op->status);
	}
	if (copied > 0) {
		judge("dom0-frame-copy", copied);
	} else {
		try_refused("dom0-frame-copy", domid, code);
	}
	xencall_free_buffer(call, op);
}

static void try_domctl(xencall_handle *call)
{
	static const uint32_t commands[] = {
		XEN_DOMCTL_getvcpucontext,	  XEN_DOMCTL_gethvmcontext,
		XEN_DOMCTL_gethvmcontext_partial, XEN_DOMCTL_getpageframeinfo3,
		XEN_DOMCTL_gdbsx_guestmemio,	  XEN_DOMCTL_debug_op,
		XEN_DOMCTL_getvcpuextstate,	  XEN_DOMCTL_memory_mapping,
		XEN_DOMCTL_vm_event_op,		  XEN_DOMCTL_mem_sharing_op,
	};
	struct xen_domctl *op = xencall_alloc_buffer(call, sizeof(*op));
	long accepted = 0;

	MUST(op, "a hypercall buffer");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		memset(op, 0, sizeof(*op));
		op->cmd = commands[i];
		op->interface_version = XEN_DOMCTL_INTERFACE_VERSION;
		op->domain = (domid_t)domid;
		if (xencall1(call, __HYPERVISOR_domctl, (unsigned long)op) >=
		    0) {
			accepted++;
		}
	}
	judge("dom0-domctl", accepted > 0 ? accepted : -1);
	xencall_free_buffer(call, op);
}

/* What start put an end to: loading, populating, starting again. */
static void try_control(xencall_handle *call)
{
	uint8_t *buffer = xencall_alloc_buffer_pages(call, 2);
	struct ctl_populate *populate = (void *)buffer;
	struct ctl_load *load = (void *)buffer;
	struct ctl_start *start = (void *)buffer;

	MUST(buffer, "a hypercall buffer");
	memset(buffer, 0, 8192);
	*load = (struct ctl_load){ .domid = domid,
				   .kind = KIND_OTHER,
				   .gfn = pages[2],
				   .count = 1,
				   .buffer = (uintptr_t)(buffer + 4096) };
	judge("dom0-load-after-start",
	      xencall2(call, CASEMATE_HYPERCALL, CTL_LOAD, (uintptr_t)load));
	memset(buffer, 0, 4096);
	*populate = (struct ctl_populate){ .domid = domid,
					   .gfn = 0x20000,
					   .count = 1 };
	judge("dom0-populate-after-start",
	      xencall2(call, CASEMATE_HYPERCALL, CTL_POPULATE,
		       (uintptr_t)populate));
	memset(buffer, 0, 4096);
	*start = (struct ctl_start){ .domid = domid, .entry = 0x1000000 };
	judge("dom0-start-again",
	      xencall2(call, CASEMATE_HYPERCALL, CTL_START, (uintptr_t)start));
	xencall_free_buffer_pages(call, buffer, 2);
}

int main(int argc, char **argv)
{
	xencall_handle *call;

	if (argc != 2) {
		fprintf(stderr, "usage: dom0-pry DOMID\n");
		return 2;
	}
	domid = number(argv[1]);
	call = xencall_open(quiet(), 0);
	MUST(call, "/dev/xen/privcmd");
	try_grant_map();
	try_foreign_map();
	try_resource_map();
	try_frame_copy(call);
	try_domctl(call);
	try_control(call);
	return succeeded != 0;
}
