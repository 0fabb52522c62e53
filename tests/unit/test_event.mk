# SPDX-License-Identifier: Apache-2.0
SRC_test_event := fake_vmm.c $(CORE)/vmm/event.c $(CORE)/vmm/event_ports.c \
	$(CORE)/vmm/event_revoke.c \
	$(CORE)/vmm/shared.c
