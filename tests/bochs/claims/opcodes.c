/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that guests do not have are #UD, at the instruction; those that
 * are the guest's own business work. QEMU 7.2 has no exit for some of them, or
 * another one. */
#include "../../guest/lib.h"

const char claim_name[] = "opcodes";

/* Where a guest would point the SVM instructions: at memory of its own. */
#define WITH_OWN_PAGE(name, code)                                              \
	static u32 name(void)                                                  \
	{                                                                      \
		TRY(code,                                                      \
		    : [ip] "+m"(resume_ip)                                     \
		    : "a"((u64)spare[0]), "c"(0), "d"(0)                       \
		    : "r11", "memory");                                        \
		return fault_vector;                                           \
	}
WITH_OWN_PAGE(try_vmrun, "vmrun %%rax")
WITH_OWN_PAGE(try_vmload, "vmload %%rax")
WITH_OWN_PAGE(try_vmsave, "vmsave %%rax")
WITH_OWN_PAGE(try_stgi, "stgi")
WITH_OWN_PAGE(try_clgi, "clgi")
WITH_OWN_PAGE(try_skinit, "skinit %%eax")
WITH_OWN_PAGE(try_invlpga, "invlpga %%rax, %%ecx")
WITH_OWN_PAGE(try_monitor, "monitor %%rax, %%ecx, %%edx")
WITH_OWN_PAGE(try_mwait, "mwait %%eax, %%ecx")
WITH_OWN_PAGE(try_rsm, "rsm")
WITH_OWN_PAGE(try_icebp, ".byte 0xf1")
WITH_OWN_PAGE(try_wbinvd, "wbinvd")
WITH_OWN_PAGE(try_invd, "invd")
WITH_OWN_PAGE(try_int3, "int3")
WITH_OWN_PAGE(try_int80, "int $0x80")

static u32 try_rdpmc(void)
{
	TRY("rdpmc",
	    : [ip] "+m"(resume_ip)
	    : "c"(0)
	    : "r11", "memory", "rax", "rdx");
	return fault_vector;
}

static const struct {
	const char *name;
	u32 (*try)(void);
	u32 wanted;
} all[] = {
	{ "vmrun", try_vmrun, 6 },
	{ "vmload", try_vmload, 6 },
	{ "vmsave", try_vmsave, 6 },
	{ "stgi", try_stgi, 6 },
	{ "clgi", try_clgi, 6 },
	{ "skinit", try_skinit, 6 },
	{ "invlpga", try_invlpga, 6 },
	{ "monitor", try_monitor, 6 },
	{ "mwait", try_mwait, 6 },
	{ "rsm", try_rsm, 6 },
	{ "icebp", try_icebp, 6 },
	{ "rdpmc", try_rdpmc, 6 },
	{ "wbinvd", try_wbinvd, NO_FAULT },
	{ "invd", try_invd, NO_FAULT },
	{ "int3", try_int3, 3 },
	{ "int 80", try_int80, 0x80 },
};

void claim(void)
{
	u32 i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		u32 vector = all[i].try();

		if (vector != all[i].wanted) {
			fail("%s: %u, not %u", all[i].name, vector,
			     all[i].wanted);
		}
	}
}
