/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed limits of the core; shared with dom0's tools and the tests. */
#pragma once

#define CASEMATE_MAX_DOMAINS 104u      /* dom0 is domain 0 */
#define CASEMATE_MAX_VCPUS 4u	       /* per domain */
#define CASEMATE_MAX_CPUS 16u	       /* physical processors */
#define CASEMATE_MAX_PORTS 1024u       /* event channel ports per domain */
#define CASEMATE_MAX_GRANT_FRAMES 4u   /* grant table pages per domain */
#define CASEMATE_GRANTS_PER_FRAME 512u /* version 1 entries, 8 bytes each */
#define CASEMATE_MAX_GRANTS                                                    \
	(CASEMATE_MAX_GRANT_FRAMES * CASEMATE_GRANTS_PER_FRAME)
#define CASEMATE_MAX_HANDLE_FRAMES 4u
#define CASEMATE_HANDLES_PER_FRAME 256u
#define CASEMATE_MAX_MAPTRACK /* live grant mappings per mapper */             \
	(CASEMATE_MAX_HANDLE_FRAMES * CASEMATE_HANDLES_PER_FRAME)
