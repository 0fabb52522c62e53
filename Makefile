# SPDX-License-Identifier: Apache-2.0
# Casemate. `make help` lists the targets.

B := build
K := $(B)/kernel
PYTHON := /usr/bin/python3
INITRD := tools/image/initrd
CORE_LINE := dom0_mem=640M dom0_vcpus=2
NAMES := image=tools/image root=$(B)/root demo=$(B)/demo build=$(B) \
	modules=$(K)/lib/modules tests=tests xen=$(B)/xen

all: setup
	@$(MAKE) --no-print-directory built

help:
	@echo "make                 install what is missing, build"
	@echo "make demo            the same, boot, show it all"
	@echo "make run             boot in QEMU, dom0's console on this terminal"
	@echo "make run NEXT=IMAGE  the same, IMAGE is /policy/next.img in dom0"
	@echo "make test            every test; the last line is N passed, N failed"
	@echo "make soak            fuzzers and random hypercalls, for hours"
	@echo "make proofs          Frama-C over the core: the committed verdicts"
	@echo "make proofs-cold     no verdict is believed: every prover runs"
	@echo "make proofs-update   prove what changed, rewrite what is committed"
	@echo "make proofs-mutants  small wrong changes must break a proof"
	@echo "make iso             build/casemate.iso, boots under BIOS and UEFI"
	@echo "make setup           only install what is missing"
	@echo "make bench           instructions and time of each call, beside Xen"
	@echo "make clean           remove what was built; downloads stay"

demo: all
	@$(PYTHON) -B tools/demo/demo.py

# NEXT=IMAGE: a policy for `casemate policy load`, as /policy/next.img in dom0.
run: all
	@NEXT="$(NEXT)" $(PYTHON) -B tools/image/run

iso: all
	@$(MAKE) --no-print-directory $(B)/casemate.iso

proofs:
	@proofs/prove

proofs-cold proofs-update proofs-mutants:
	@$(MAKE) --no-print-directory -C proofs $@

# tests/run builds layer by layer: a layer that does not build is a failure
# of that layer, and the others still run.
test: setup
	@$(PYTHON) -B tests/run

# The fuzzers on the host, SECONDS each (3600); then 10^7 random hypercalls,
# or CALLS, on the real core in QEMU.
soak: setup
	@$(MAKE) --no-print-directory tested
	@$(MAKE) --no-print-directory -C tests/fuzz soak
	@$(PYTHON) -B tests/soak $(CALLS)

# Xen, if it can be had, is only unpacked into build/.
bench: setup
	@tools/setup xen || echo "make bench: without Xen" >&2
	@$(MAKE) --no-print-directory core $(B)/vmlinux $(B)/test.cpio \
		$(B)/test.img
	@[ ! -e $(B)/xen/xen ] || \
		$(MAKE) --no-print-directory $(B)/xen.cpio
	@$(PYTHON) -B tests/bench/run $(BENCH)

clean:
	rm -rf $(filter-out $(B)/deb $(B)/kernel $(B)/root,$(wildcard $(B)/*))

setup:
	@tools/setup

built: core $(B)/vmlinux $(B)/dom0.cpio $(B)/policy.img guests
tested: built $(B)/test.cpio $(B)/test.img $(B)/casemate.iso bochs-kernels

# Built elsewhere: those Makefiles know their own dependencies.
core:
	@$(MAKE) --no-print-directory -C core
compiler:
	@$(MAKE) --no-print-directory -C policy
tool:
	@$(MAKE) --no-print-directory -C tools casemate
demo-programs:
	@$(MAKE) --no-print-directory -C tools/demo
test-kernels:
	@$(MAKE) --no-print-directory -C tests/guest
	@$(MAKE) --no-print-directory -C tests/attack
	@$(MAKE) --no-print-directory -C tests/bench
stress-programs:
	@$(MAKE) --no-print-directory -C tests/stress
bochs-kernels: tool
	@$(MAKE) --no-print-directory -C tests/bochs

# Signed with a key of this machine's; a release's key is elsewhere. An image
# that has not changed keeps its signature: there are only so many.
$(B)/policy.pub: | compiler
	@$(B)/casemate-policy keygen $(B)/policy.key >$@.new && mv $@.new $@
$(B)/policy.img: policy/examples/two-level.pol compiler $(B)/policy.pub
	@$(B)/casemate-policy compile $< -o $@.plain >/dev/null
	@cmp -s -n $$(stat -c %s $@.plain) $@.plain $@ || \
		$(B)/casemate-policy sign $(B)/policy.key $@.plain -o $@
$(B)/test.img: policy/examples/test.pol compiler
	@$(B)/casemate-policy compile $< -o $@

$(B)/vmlinux: $(K)/vmlinuz tools/image/vmlinux
	tools/image/vmlinux $< $@
$(B)/guest.cpio: demo-programs $(INITRD)
	@$(INITRD) tools/image/guest.list $@ $(NAMES)
$(B)/dom0.cpio: $(B)/guest.cpio tool $(INITRD)
	@$(INITRD) tools/image/dom0.list $@ $(NAMES)
$(B)/test.cpio: $(B)/dom0.cpio test-kernels stress-programs
	@$(INITRD) tests/system/test.list $(B)/overlay.cpio $(NAMES)
	@cat $(B)/dom0.cpio $(B)/overlay.cpio >$@
$(B)/xen.cpio: $(B)/dom0.cpio test-kernels
	@$(INITRD) tests/bench/xen.list $(B)/xen.overlay.cpio $(NAMES)
	@cat $(B)/dom0.cpio $(B)/xen.overlay.cpio >$@

# The guests as dom0 has them, for predicting their launch digests here.
guests: $(B)/guest.cpio
	@mkdir -p $(B)/guests
	@cp -u tools/image/guest/*.cfg $(B)/guest.cpio $(K)/vmlinuz $(B)/guests

$(B)/casemate.iso: core $(B)/vmlinux $(B)/dom0.cpio $(B)/policy.img
	tools/image/iso $@ $(B)/core/casemate.elf $(B)/vmlinux $(B)/dom0.cpio \
		$(B)/policy.img "$(CORE_LINE) policy-key=$$(cat $(B)/policy.pub)"

.PHONY: all help demo run iso proofs proofs-cold proofs-update \
	proofs-mutants test soak bench clean setup built tested core \
	compiler tool demo-programs test-kernels stress-programs bochs-kernels \
	guests
