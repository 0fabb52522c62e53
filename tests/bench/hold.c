/* SPDX-License-Identifier: Apache-2.0 */
/* Runs as domain 0, without Linux, and makes the calls that may keep the core
 * longest: what they ask for is as large as they may ask for, or several times
 * what the core does at one go. */
#include "bench.h"

#include "abi/control.h"

const char claim_name[] = "hold";

#define HOLE 0xd0000ull
#define REF 20u
#define COUNT 64u
#define GUEST_FRAMES 2048u
#define GUEST_GFN 0x100ull
#define GUEST_LABEL "test_a_t@secret"

static union {
	struct ctl_info info;
	struct ctl_create create;
	struct ctl_populate populate;
	struct ctl_load load;
	struct ctl_start start;
	struct ctl_domain domain;
	struct ctl_getinfo getinfo;
	struct ctl_label label;
	struct ctl_audit audit;
} arg;
static u32 guest;

static void control(const char *name, u32 op, long wanted)
{
	long result;

	hold_begin();
	result = hypercall(CASEMATE_HYPERCALL, op, (u64)&arg, 0, 0, 0);
	hold_end(name);
	CHECK_IS(result, wanted);
}

static bool is_same(const char *a, const char *b)
{
	while (*a != 0 && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

static u32 find_label(void)
{
	u32 i;

	for (i = 0;; i++) {
		arg.label = (struct ctl_label){ .label = i };
		CHECK_IS(hypercall(CASEMATE_HYPERCALL, CTL_LABEL, (u64)&arg, 0,
				   0, 0),
			 0);
		if (is_same(arg.label.name, GUEST_LABEL)) {
			return i;
		}
	}
}

/* ---- a guest's life ------------------------------------------------- */

static void make_guest(void)
{
	arg.create = (struct ctl_create){ .label = find_label(),
					  .vcpu_count = 4,
					  .max_frames = GUEST_FRAMES + 16 };
	control("create", CTL_CREATE, 0);
	guest = arg.create.domid;
	arg.populate = (struct ctl_populate){ .domid = guest,
					      .gfn = GUEST_GFN,
					      .count = GUEST_FRAMES };
	control("populate", CTL_POPULATE, 0);
	arg.load = (struct ctl_load){ .domid = guest,
				      .kind = KIND_OTHER,
				      .gfn = GUEST_GFN,
				      .count = 16,
				      .buffer = (u64)spare[8] };
	control("load", CTL_LOAD, 0);
	arg.start = (struct ctl_start){ .domid = guest,
					.flags = CTL_START_PAUSED };
	control("start", CTL_START, 0);
}

static void end_guest(void)
{
	arg.getinfo = (struct ctl_getinfo){ .domid = guest };
	control("getinfo", CTL_GETINFO, 0);
	arg.domain = (struct ctl_domain){ .domid = guest };
	control("destroy", CTL_DESTROY, 0);
}

/* ---- arrays of grants ----------------------------------------------- */

static void hold_map(u32 *handles)
{
	static struct gnttab_map_grant_ref ops[COUNT];
	u32 i;

	for (i = 0; i < COUNT; i++) {
		ops[i] = (struct gnttab_map_grant_ref){
			.host_addr = (HOLE + i) * PAGE,
			.flags = GNTMAP_host_map,
			.ref = REF,
			.dom = DOMID_SELF,
		};
	}
	hold_begin();
	CHECK_IS(grant_call(GNTTABOP_map_grant_ref, ops, COUNT), 0);
	hold_end("grant_map");
	for (i = 0; i < COUNT; i++) {
		CHECK_IS(ops[i].status, GNTST_okay);
		handles[i] = ops[i].handle;
	}
}

static void hold_unmap(const u32 *handles)
{
	static struct gnttab_unmap_grant_ref ops[COUNT];
	u32 i;

	for (i = 0; i < COUNT; i++) {
		ops[i] = (struct gnttab_unmap_grant_ref){
			.host_addr = (HOLE + i) * PAGE,
			.handle = handles[i],
		};
	}
	hold_begin();
	CHECK_IS(grant_call(GNTTABOP_unmap_grant_ref, ops, COUNT), 0);
	hold_end("grant_unmap");
	for (i = 0; i < COUNT; i++) {
		CHECK_IS(ops[i].status, GNTST_okay);
	}
}

static void hold_copy(void)
{
	static struct gnttab_copy ops[COUNT];
	u32 i;

	for (i = 0; i < COUNT; i++) {
		ops[i] = (struct gnttab_copy){
			.flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
			.len = PAGE,
		};
		ops[i].source.u.ref = REF;
		ops[i].source.domid = DOMID_SELF;
		ops[i].dest.u.ref = REF + 1;
		ops[i].dest.domid = DOMID_SELF;
	}
	hold_begin();
	CHECK_IS(grant_call(GNTTABOP_copy, ops, COUNT), 0);
	hold_end("grant_copy");
	for (i = 0; i < COUNT; i++) {
		CHECK_IS(ops[i].status, GNTST_okay);
	}
}

static void hold_grants(void)
{
	u32 handles[COUNT];

	grants_init();
	grant_page(REF, own_domid(), spare[2]);
	grant_page(REF + 1, own_domid(), spare[3]);
	hold_map(handles);
	hold_unmap(handles);
	hold_copy();
}

/* ---- the rest ------------------------------------------------------- */

static void hold_console(void)
{
	static char text[512];

	memset(text, '.', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	hold_begin();
	CHECK_IS(hypercall(__HYPERVISOR_console_io, CONSOLEIO_write,
			   sizeof(text), (u64)text, 0, 0),
		 0);
	hold_end("console_write");
}

static void hold_audit(void)
{
	u32 i;

	for (i = 0; i < CTL_AUDIT_MAX; i++) {
		/* Its own label: no rule lets domain 0 make another. */
		arg.create = (struct ctl_create){ .label = 0, .vcpu_count = 1 };
		CHECK_IS(hypercall(CASEMATE_HYPERCALL, CTL_CREATE, (u64)&arg, 0,
				   0, 0),
			 E_PERM);
	}
	arg.audit = (struct ctl_audit){ .buffer = (u64)spare[16],
					.count = CTL_AUDIT_MAX };
	control("audit_read", CTL_AUDIT_READ, 0);
	CHECK_IS(arg.audit.count, CTL_AUDIT_MAX);
}

static void hold_events(void)
{
	struct evtchn_alloc_unbound offer = { .dom = DOMID_SELF,
					      .remote_dom = DOMID_SELF };
	u32 i;

	for (i = 0; i < 1000; i++) { /* the next free port is far up */
		CHECK_IS(event_call(EVTCHNOP_alloc_unbound, &offer), 0);
	}
	hold_begin();
	CHECK_IS(event_call(EVTCHNOP_alloc_unbound, &offer), 0);
	hold_end("event_alloc");
}

void claim(void)
{
	hold_audit();
	make_guest();
	end_guest();
	hold_grants();
	hold_console();
	hold_events();
}
