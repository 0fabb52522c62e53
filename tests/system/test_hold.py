# SPDX-License-Identifier: Apache-2.0
"""No call keeps the core to itself for long: a kernel of ours as domain 0
makes the largest ones, and takes the time between its own turns."""

import os
import re
import sys

import machine

sys.path.insert(0, os.path.join(machine.TOP, "tests", "bench"))
import measure  # noqa: E402 (found through the line above)

CALLS = {
    *("create", "populate", "load", "start", "getinfo", "destroy"),
    *("grant_map", "grant_unmap", "grant_copy"),
    *("audit_read", "console_write", "event_alloc"),
}


def test_longest_piece(tmp_path):
    empty = tmp_path / "initrd"
    empty.write_bytes(bytes(4096))
    modules = {
        "dom0-kernel": os.path.join(machine.BUILD, "bench", "hold.elf"),
        "dom0-initrd": str(empty),
        "policy": os.path.join(machine.BUILD, "test.img"),
    }
    line = "dom0_mem=64M dom0_vcpus=1"
    boot = machine.direct(str(tmp_path / "bundle"), modules, line, "")
    log = os.path.join(machine.BUILD, "test", "logs", "hold.log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with machine.Machine(machine.qemu(1, 512, icount=True) + boot, log=log) as dom0:
        dom0.expect(r"^(PASS|FAIL) hold[^\n]*\n", 60)
        held = re.findall(r"^HOLD (\w+) (\d+) (\d+)$", dom0.text, re.M)
        assert "\nPASS hold\n" in dom0.text, dom0.text
    assert {name for name, _, _ in held} == CALLS
    most = measure.LONGEST_PIECE
    long = [f"{name}: {ticks}" for name, ticks, _ in held if int(ticks) > most]
    assert not long, ", ".join(long)
    # The long ones were made in pieces, else nothing was seen of that.
    pieces = {name: int(count) for name, _, count in held}
    for name in ("populate", "load", "destroy", "grant_map", "grant_copy"):
        assert pieces[name] > 1
