# SPDX-License-Identifier: Apache-2.0
SRC_test_grant := fake_vmm.c $(CORE)/vmm/grant.c $(CORE)/vmm/grant_table.c \
	$(CORE)/vmm/grant_copy.c $(CORE)/vmm/shared.c
