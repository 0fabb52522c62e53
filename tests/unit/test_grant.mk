# SPDX-License-Identifier: Apache-2.0
SRC_test_grant := fake_vmm.c $(CORE)/vmm/grant.c $(CORE)/vmm/grant_table.c \
	$(CORE)/vmm/grant_use.c $(CORE)/vmm/grant_handles.c $(CORE)/vmm/grant_store.c $(CORE)/vmm/grant_copy.c \
	$(CORE)/vmm/grant_revoke.c $(CORE)/vmm/shared.c
CFLAGS_test_grant := -D__XEN_INTERFACE_VERSION__=0x00040e00
