# SPDX-License-Identifier: Apache-2.0
# The core on a fake machine: all of its portable part, built once with the
# sanitizers, is a library; each test pulls what it needs out of it.
.DEFAULT_GOAL := all

# sched_yield: the C library has one of its own, which the sanitizers call.
CORE_FLAGS := -D__XEN_INTERFACE_VERSION__=0x00040e00 \
	-Dsched_yield=core_sched_yield

LIBCORE := $(OUT)/libcore.a
LIBCORE_DIRS := lib refmon measure vmm boot
LIBCORE_C := $(foreach d,$(LIBCORE_DIRS),$(wildcard $(CORE)/$(d)/*.c)) \
	$(CORE)/hw/x86/npt.c
# The host's C library keeps its own memcpy and the like.
LIBCORE_O := $(patsubst $(TOP)/%.c,$(OUT)/lib/%.o,\
	$(filter-out $(CORE)/lib/mem%.c,$(LIBCORE_C)))

CORE_TESTS := test_frame test_p2m test_copy test_vapic test_cpu_model \
	test_sched test_time test_launch test_control test_dispatch \
	test_memory test_audit test_sha384 test_elf test_multiboot2 \
	test_acpi test_map test_lms test_policy_load
$(foreach t,$(CORE_TESTS),$(eval SRC_$(t) := \
	fake_hw.c fake_guest.c fake_policy.c image_builder.c lms_sign.c \
	$(LIBCORE)))
$(foreach t,$(CORE_TESTS),$(eval LDFLAGS_$(t) := -lmbedcrypto))
$(foreach t,$(CORE_TESTS),$(eval CFLAGS_$(t) := \
	$(CORE_FLAGS)))

$(OUT)/lib/%.o: $(TOP)/%.c
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(CORE_FLAGS) -MMD -MP \
		-c -o $@ $<

# Made anew each time: a file that was deleted must not stay in it.
$(LIBCORE): $(LIBCORE_O)
	@rm -f $@
	@ar rcs $@ $^

-include $(wildcard $(OUT)/lib/*/*/*.d $(OUT)/lib/*/*/*/*.d)
