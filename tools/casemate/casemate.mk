# SPDX-License-Identifier: Apache-2.0
# The casemate tool: `make -C tools casemate` leaves build/casemate.
#
# To build (Debian 12): libxen-dev liblzma-dev zlib1g-dev libzstd-dev
#   liblz4-dev libcjson-dev libmbedtls-dev
# To run: libxenmisc4.17 (libxlutil, libxenlight and what they need)
#   libxencall1 libxenstore4 libxentoollog1 liblzma5 zlib1g libzstd1 liblz4-1 libcjson1
#   libmbedcrypto7 libgcc-s1
# To test: libcmocka-dev python3-pytest

ROOT ?= $(abspath $(dir $(lastword $(MAKEFILE_LIST)))/../..)
BUILD ?= $(ROOT)/build

CASEMATE_SOURCES := $(sort $(wildcard $(ROOT)/tools/launch/*.c) \
	$(wildcard $(ROOT)/tools/casemate/*.c))
# One file is the core's too: dom0 and guests get the same tables.
CASEMATE_SHARED := $(ROOT)/core/lib/acpi_tables.c
CASEMATE_HEADERS := $(wildcard $(ROOT)/tools/launch/*.h \
	$(ROOT)/tools/casemate/*.h $(ROOT)/core/abi/*.h) \
	$(ROOT)/core/refmon/classes.def $(ROOT)/core/refmon/refmon.h
CASEMATE_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror \
	-Wshadow -Wvla -fstack-protector-strong -fPIE \
	-I$(ROOT)/core -I$(ROOT)/tools
# The fortified copies of libc's functions where the build wants them.
CASEMATE_HARDEN := -D_FORTIFY_SOURCE=2
CASEMATE_LDFLAGS := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
CASEMATE_PLAIN_LIBS := -lcjson -llzma -lz -lzstd -llz4 -lmbedcrypto
# libxenstore ends its watch thread through libgcc_s, which glibc would look
# for only then: name it, so that whoever copies the tool copies it too.
CASEMATE_XEN_LIBS := -Wl,--no-as-needed -lgcc_s -Wl,--as-needed -lxencall -lxenstore -lxentoollog
CASEMATE_OBJECTS := $(patsubst $(ROOT)/tools/%.c,$(BUILD)/tools/%.o,\
	$(CASEMATE_SOURCES))
CASEMATE_SHARED_OBJECT := $(BUILD)/tools/launch/acpi_tables.o

.PHONY: casemate casemate-test casemate-clean
casemate: $(BUILD)/casemate

$(CASEMATE_OBJECTS): $(BUILD)/tools/%.o: $(ROOT)/tools/%.c $(CASEMATE_HEADERS)
	@mkdir -p $(@D)
	@echo "  CC      $*"
	@$(CC) $(CASEMATE_CFLAGS) $(CASEMATE_HARDEN) -c -o $@ $<

$(CASEMATE_SHARED_OBJECT): $(CASEMATE_SHARED) $(CASEMATE_HEADERS)
	@mkdir -p $(@D)
	@echo "  CC      acpi_tables"
	@$(CC) $(CASEMATE_CFLAGS) $(CASEMATE_HARDEN) -c -o $@ $<

$(BUILD)/casemate: $(CASEMATE_OBJECTS) $(CASEMATE_SHARED_OBJECT)
	$(CC) $(CASEMATE_LDFLAGS) -o $@ $^ -lxlutil $(CASEMATE_XEN_LIBS) \
		$(CASEMATE_PLAIN_LIBS)

# The same sources against a core and a xenstore made of files, with ASan:
# what tests/tools runs.
CASEMATE_FAKES := $(wildcard $(ROOT)/tests/tools/fake_*.c)
CASEMATE_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
CASEMATE_TESTED := $(filter-out %/settings.c %/probe.c,$(CASEMATE_SOURCES)) \
	$(CASEMATE_SHARED)

$(BUILD)/tests/casemate-fake: $(CASEMATE_TESTED) $(CASEMATE_FAKES) \
		$(CASEMATE_HEADERS) $(wildcard $(ROOT)/tests/tools/*.h)
	@mkdir -p $(@D)
	$(CC) $(CASEMATE_CFLAGS) $(CASEMATE_SANITIZE) -I$(ROOT)/tests/tools \
		-o $@ $(CASEMATE_TESTED) $(CASEMATE_FAKES) -lxlutil \
		-lxentoollog \
		$(CASEMATE_PLAIN_LIBS)

CASEMATE_UNITS := $(wildcard $(ROOT)/tests/tools/unit_*.c)
$(BUILD)/tests/casemate-unit: $(CASEMATE_UNITS) $(CASEMATE_TESTED) \
		$(CASEMATE_HEADERS)
	@mkdir -p $(@D)
	$(CC) $(CASEMATE_CFLAGS) $(CASEMATE_SANITIZE) -o $@ $(CASEMATE_UNITS) \
		$(filter $(ROOT)/tools/launch/%.c,$(CASEMATE_TESTED)) \
		$(CASEMATE_SHARED) \
		$(ROOT)/tools/casemate/keys.c \
		$(CASEMATE_PLAIN_LIBS) -lcmocka

casemate-test: $(BUILD)/tests/casemate-fake $(BUILD)/tests/casemate-unit
	$(BUILD)/tests/casemate-unit
	CASEMATE=$(BUILD)/tests/casemate-fake \
		/usr/bin/python3 -m pytest -q -p no:cacheprovider \
		$(ROOT)/tests/tools

casemate-clean:
	rm -rf $(BUILD)/casemate $(BUILD)/tools/casemate $(BUILD)/tools/launch \
		$(BUILD)/tests/casemate-fake $(BUILD)/tests/casemate-unit
