# SPDX-License-Identifier: Apache-2.0
# How a PVH test kernel is built; for the Makefiles of tests/guest, tests/attack
# and tests/bench, which say OUT (where to), GUEST (this folder) and what to link.

CC := gcc
# Where they are linked. 16M makes kernels that the core starts as domain 0
# (make OUT=... BASE=16M), handy for trying one without Linux around it.
BASE ?= 2M

CFLAGS := -std=c11 -O2 -ffreestanding -m64 -mgeneral-regs-only -mno-red-zone \
	-mcmodel=small -fno-pic -fno-pie -fcf-protection=none \
	-fno-stack-protector -fno-asynchronous-unwind-tables \
	-fno-tree-loop-distribute-patterns -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) \
	-isystem $(OUT)/include -I$(GUEST) -I. -Wall -Wextra -Werror -Wshadow \
	-Wmissing-prototypes -MMD -MP
LDFLAGS = -T $(GUEST)/guest.lds --defsym=BASE=$(BASE) -nostdlib -static \
	--build-id=none -z noexecstack -z max-page-size=4096 \
	--no-warn-rwx-segments
COMMON := $(OUT)/obj/lib.o $(OUT)/obj/boot.o

$(OUT)/obj/%.o: %.c $(GUEST)/kernel.mk | $(OUT)/include/xen
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(OUT)/obj/%.o: $(GUEST)/%.c $(GUEST)/kernel.mk | $(OUT)/include/xen
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(OUT)/obj/%.o: $(GUEST)/%.S $(GUEST)/kernel.mk
	@mkdir -p $(@D)
	$(CC) -m64 -c -o $@ $<

$(OUT)/include/xen:
	@mkdir -p $(@D)
	ln -sfn /usr/include/xen $@

clean:
	rm -rf $(OUT)

.PHONY: all clean
.PRECIOUS: $(OUT)/obj/%.o
-include $(wildcard $(OUT)/obj/*.d $(OUT)/obj/*/*.d)
