/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control interface: how dom0's tools manage domains. One hypercall
 * number, CASEMATE_HYPERCALL (Xen's __HYPERVISOR_arch_7), arguments
 * (sub-op, linear address of the sub-op's structure).
 *
 * Results: 0 or a negative Xen errno:
 *   -EPERM   the policy refuses (audited)     -ESRCH  no such domain
 *   -EINVAL  an argument is out of range      -EBUSY  wrong state for this
 *   -ENOMEM  no free frames, or over quota    -EFAULT bad buffer address
 *   -EEXIST  that guest frame is populated    -ENOSPC no free domain slot
 *   -ENOSYS  no such sub-op
 * Structures are copied in once and copied back on success, and on -ENOMEM,
 * -EEXIST for the calls that have a progress field (`done`). They must be
 * writable for anything to be done. Long calls are restarted by the core: the
 * caller sees one call.
 */
#pragma once

#include <stdint.h>

#define CASEMATE_HYPERCALL 55u
#define CASEMATE_CONTROL_VERSION 1u

enum casemate_ctl {
	CTL_INFO = 0,	      /* struct ctl_info */
	CTL_CREATE = 1,	      /* struct ctl_create */
	CTL_POPULATE = 2,     /* struct ctl_populate */
	CTL_LOAD = 3,	      /* struct ctl_load */
	CTL_START = 4,	      /* struct ctl_start */
	CTL_DESTROY = 5,      /* struct ctl_domain */
	CTL_PAUSE = 6,	      /* struct ctl_domain */
	CTL_UNPAUSE = 7,      /* struct ctl_domain */
	CTL_GETINFO = 8,      /* struct ctl_getinfo */
	CTL_LABEL = 9,	      /* struct ctl_label */
	CTL_AUDIT_READ = 10,  /* struct ctl_audit */
	CTL_STATS = 11,	      /* struct ctl_stats */
	CTL_POLICY_LOAD = 12, /* struct ctl_policy */
	CTL_COVERAGE = 13     /* struct ctl_coverage */
};

/* Guest-physical layout every guest gets; frames the core itself provides. */
#define CASEMATE_STORE_GFN 0xfeffcull	/* xenstore ring page (guest RAM) */
#define CASEMATE_CONSOLE_GFN 0xfefffull /* console ring page (guest RAM) */
#define CASEMATE_ACPI_GFN 0xfc000ull	/* ACPI tables, loaded by the tool */
#define CASEMATE_MAX_RAM_GFN 0xc0000ull /* RAM lies below 3 GiB */
#define CASEMATE_SLEEP_PORT 0xb004u /* ACPI sleep control register, I/O port */

struct ctl_info {
	uint32_t abi_version; /* CASEMATE_CONTROL_VERSION */
	uint32_t cpu_count;
	uint64_t total_frames; /* frames the core manages, dom0's included */
	uint64_t free_frames;
	uint64_t uptime_ns;
	uint32_t label_count; /* of the loaded policy */
	uint32_t domain_limit;
	uint32_t vcpu_limit;
	uint32_t reserved;
	uint64_t policy_version;
	char policy_name[32];
	char core_version[32];
};

/* Make an empty domain in state `building`. Extends the launch digest with a
 * LAUNCH_CREATE record. The core allocates the store and console pages (at the
 * gfns above, zeroed, granted to domain 0 as references 1 and 0), the store
 * and console event channels (unbound, remote = domain 0), sets the HVM
 * parameters. max_frames is the quota for guest frames: RAM plus
 * CASEMATE_OVERHEAD_FRAMES plus the tool's ACPI pages. */
#define CASEMATE_OVERHEAD_FRAMES 16u
#define CASEMATE_MAX_FRAMES                                                    \
	(CASEMATE_MAX_RAM_GFN + CASEMATE_OVERHEAD_FRAMES + 16u)
struct ctl_create {
	uint32_t label;	       /* in: label index of the policy */
	uint32_t vcpu_count;   /* in: 1 .. CASEMATE_MAX_VCPUS */
	uint64_t max_frames;   /* in */
	uint32_t domid;	       /* out */
	uint32_t store_port;   /* out: the guest's port */
	uint32_t console_port; /* out: the guest's port */
	uint32_t flags;	       /* in: 0 */
};

/* Give a building domain zeroed frames at [gfn, gfn + count). One call makes
 * one LAUNCH_POPULATE record over the whole range, written when it is done. */
struct ctl_populate {
	uint32_t domid;
	uint32_t flags; /* 0 */
	uint64_t gfn;
	uint64_t count; /* 1 .. CASEMATE_MAX_RAM_GFN */
	uint64_t done;	/* in: 0; out: frames populated */
};

/* Copy `count` pages from the caller's linear address into populated frames of
 * a building domain; each page makes one LAUNCH_PAGE record. */
enum casemate_kind {
	KIND_KERNEL = 1,
	KIND_RAMDISK = 2,
	KIND_START_INFO = 3, /* hvm_start_info, module list, memmap, cmdline */
	KIND_ACPI = 4,
	KIND_OTHER = 5
};
#define CASEMATE_LOAD_MAX_PAGES 4096u
struct ctl_load {
	uint32_t domid;
	uint32_t kind; /* enum casemate_kind */
	uint64_t gfn;
	uint64_t count;	 /* 1 .. CASEMATE_LOAD_MAX_PAGES */
	uint64_t buffer; /* linear address in the caller, page aligned */
	uint64_t done;	 /* in: 0; out: pages copied */
};

/* Fix the entry point, extend the digest with LAUNCH_START, end the building:
 * from here on nothing but grants reaches the guest's memory. The domain is
 * left paused when flags has CTL_START_PAUSED, else it runs. */
#define CTL_START_PAUSED 1u
struct ctl_start {
	uint32_t domid;
	uint32_t flags;
	uint32_t entry;	     /* 32-bit PVH entry point, guest-physical */
	uint32_t start_info; /* EBX: guest-physical address of hvm_start_info */
	uint8_t digest[48];  /* out: the launch digest */
};

struct ctl_domain {
	uint32_t domid;
	uint32_t reserved; /* 0 */
};

enum casemate_state {
	STATE_FREE = 0,
	STATE_BUILDING = 1,
	STATE_RUNNING = 2,
	STATE_SHUTDOWN = 3, /* see shutdown_reason; memory still held */
	STATE_DYING = 4	    /* destroy began and has not finished */
};
#define INFO_PAUSED 1u	/* by CTL_PAUSE or CTL_START_PAUSED */
#define INFO_BLOCKED 2u /* every vCPU waits for an event */
/* The first existing domain with id >= domid, else -ESRCH. */
struct ctl_getinfo {
	uint32_t domid; /* in: where to start; out: the domain found */
	uint32_t state; /* enum casemate_state */
	uint32_t label;
	uint32_t flags;		  /* INFO_* */
	uint32_t shutdown_reason; /* SHUTDOWN_* of xen/sched.h, or ~0 */
	uint32_t vcpu_count;
	uint32_t vcpus_online;
	uint32_t reserved;
	uint64_t frames;     /* guest frames held */
	uint64_t max_frames; /* quota */
	uint64_t cpu_ns;     /* processor time used by all vCPUs */
	uint64_t created_ns; /* system time of CTL_CREATE */
	uint64_t hypercalls; /* made by it */
	uint64_t denials;    /* refused to it by the policy */
	uint8_t digest[48];  /* launch digest; all zero for domain 0 */
	/* Held by the core on its account, tables of its memory map included;
	 * and these alone. */
	uint64_t meta_frames, table_frames;
};

/* Labels of the policy by index; -ENOENT past the end. */
#define CTL_LABEL_DOMAIN 1u /* a domain may carry it */
struct ctl_label {
	uint32_t label; /* in */
	uint32_t flags; /* out */
	char name[96];	/* out: "type@level", NUL-terminated */
};

/* Copy up to `count` records with sequence >= `next` to `buffer`
 * (struct audit_record[count]). Does not consume them: the ring overwrites its
 * oldest record, and `lost` says how many at or after `next` are gone. */
#define CTL_AUDIT_MAX 64u
struct ctl_audit {
	uint64_t next;	 /* in: first sequence wanted; out: where to go on */
	uint64_t buffer; /* in: linear address */
	uint32_t count;	 /* in: 1 .. CTL_AUDIT_MAX; out: records written */
	uint32_t reserved;
	uint64_t lost; /* out */
};

/* What a domain's vCPUs made the core do since the domain was made. Every time
 * a vCPU leaves guest mode has one cause; exits of a domain that is no longer
 * running are not counted. */
enum casemate_exit {
	CTL_EXIT_IRQ = 0, /* the machine's interrupt, or the guest's own #DB */
	CTL_EXIT_HYPERCALL = 1, /* one for each turn of a long call */
	CTL_EXIT_CPUID = 2,
	CTL_EXIT_HLT = 3,
	CTL_EXIT_IO = 4, /* a port */
	CTL_EXIT_RDMSR = 5,
	CTL_EXIT_WRMSR = 6, /* most: the local APIC */
	CTL_EXIT_XSETBV = 7,
	CTL_EXIT_CACHE = 8,   /* WBINVD, INVD */
	CTL_EXIT_FAULT = 9,   /* an address that nothing backed */
	CTL_EXIT_UNDEF = 10,  /* an instruction guests do not have */
	CTL_EXIT_TRIPLE = 11, /* the guest shut itself down */
	CTL_EXIT_BROKEN = 12  /* the processor refused the guest's state */
};
#define CTL_EXIT_CAUSES 16u /* the rest: 0 */
#define CTL_LATENCY_BUCKETS 32u
struct ctl_stats {
	uint32_t domid;	     /* in */
	uint32_t clock_mul;  /* out: ns = ticks * clock_mul / 2^32, then */
	int32_t clock_shift; /* shifted left, or right if negative */
	uint32_t reserved;
	uint64_t exits[CTL_EXIT_CAUSES];
	/* Exits by the time from leaving guest mode until they were dealt with,
	 * waiting for the core's lock included: bucket i has those of 2^i to
	 * 2^(i+1) - 1 ticks of the TSC. Ticks are counted modulo 2^32. */
	uint64_t latency[CTL_LATENCY_BUCKETS];
};

/*
 * Replace the policy: an image (abi/policy_image.h) and behind it one signature
 * for each key of the core's option policy-key, in their order: LMS (RFC 8554,
 * core/measure/lms.h) of the image's SHA-384. Answers 0 whatever the outcome;
 * unless that is POLICY_LOADED nothing has changed.
 */
#define CASEMATE_POLICY_KEYS 2u
#define CASEMATE_SIGNATURE_MAX 1452u
enum casemate_policy {
	POLICY_LOADED = 0,
	POLICY_NO_KEY = 1,    /* the core was started without policy-key */
	POLICY_TOO_LONG = 2,  /* or shorter than it says itself */
	POLICY_UNSIGNED = 3,  /* no, or not a valid signature of a key */
	POLICY_NOT_NEWER = 4, /* its version is not above the loaded one's */
	POLICY_BAD_IMAGE = 5, /* detail: enum refmon_error */
	POLICY_NO_LABEL = 6   /* a domain's label is not in it: see missing */
};
struct ctl_policy {
	uint64_t buffer; /* in: linear address */
	uint32_t bytes;	 /* in: of image and signatures */
	uint32_t done; /* in: 0; used by the core while it restarts the call */
	uint32_t outcome;	 /* out: enum casemate_policy */
	uint32_t detail;	 /* out */
	uint32_t revoked_grants; /* out: mappings undone */
	uint32_t revoked_ports;	 /* out: channels cut */
	uint64_t missing
		[2]; /* out: bit d of them: domain d's label is not in it */
};

/* The permissions of each class that the types of two labels have used on each
 * other since the policy was loaded. -ENOSYS unless the core was started with
 * the option `coverage`; -ENOENT past the last label. */
struct ctl_coverage {
	uint32_t subject;  /* in: label index */
	uint32_t object;   /* in: label index, or CTL_COVERAGE_SELF */
	uint32_t used[16]; /* out: one mask a class, as in a policy's rows */
};
#define CTL_COVERAGE_SELF 0xffffffffu

/*
 * The launch digest: D0 = 48 zero bytes; each record R extends it by
 *     D' = SHA-384(D || R)
 * with R = struct launch_record, 128 bytes, little-endian. The final D, after
 * LAUNCH_START, is the guest's launch digest.
 */
enum casemate_launch {
	LAUNCH_CREATE = 1,   /* arg0 = vcpu_count, arg1 = max_frames,
			      * data = label name, NUL-padded to 96 bytes */
	LAUNCH_POPULATE = 2, /* arg0 = gfn, arg1 = count */
	LAUNCH_PAGE = 3,     /* kind, arg0 = gfn, data[0..47] = SHA-384(page) */
	LAUNCH_START = 4     /* arg0 = entry, arg1 = start_info */
};
struct launch_record {
	uint32_t op; /* enum casemate_launch */
	uint32_t kind;
	uint64_t arg0;
	uint64_t arg1;
	uint8_t data[96]; /* unused bytes are zero */
	uint64_t reserved;
};
_Static_assert(sizeof(struct launch_record) == 128, "launch record layout");
_Static_assert(sizeof(struct ctl_getinfo) == 144, "getinfo layout");
_Static_assert(sizeof(struct ctl_create) == 32, "create layout");
_Static_assert(sizeof(struct ctl_stats) == 400, "stats layout");
_Static_assert(sizeof(struct ctl_policy) == 48, "policy load layout");
_Static_assert(sizeof(struct ctl_coverage) == 72, "coverage layout");
