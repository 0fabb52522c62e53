# SPDX-License-Identifier: Apache-2.0
"""Our own PVH kernels, one claim each: PASS name, or FAIL name: why.

A small guest of a test type runs each. tests/guest/NAME.cfg, if there is one,
changes its guest file; comments in it say more:
    # peers = NAME...                  kernels that are started first
    # ends = poweroff|reboot|crash     how dom0 must see it end

One that must not come back from what it does last says "PASS NAME if it ends
in HOW": its verdict is dom0's word on the end. All run in one boot of dom0.
"""

import glob
import os
import re

import pytest

import machine

GUESTS = os.path.join(machine.TOP, "tests", "guest")
KERNELS = sorted(
    os.path.splitext(os.path.basename(path))[0]
    for path in glob.glob(os.path.join(GUESTS, "*.c"))
    if os.path.basename(path) != "lib.c"
)
SMALL = {"memory": 16, "vcpus": 1, "label": "test_a_t@secret", "ramdisk": None}


def settings(name, folder=GUESTS, where="test"):
    """(keys of the guest file, peers, how it ends or None)"""
    keys, peers, ends = dict(SMALL), [], None
    path = os.path.join(folder, name + ".cfg")
    if os.path.exists(path):
        with open(path, encoding="ascii") as f:
            text = f.read()
        for key, value in re.findall(r"^(\w+) *= *(.+)$", text, re.M):
            keys[key] = value.strip('"') if '"' in value else int(value)
        for names in re.findall(r"^# peers = (.+)$", text, re.M):
            peers += names.split()
        found = re.search(r"^# ends = (\w+)$", text, re.M)
        ends = found and found[1]
    keys["on_crash"] = "preserve" if ends == "crash" else None
    kernel = f"/guests/{where}/{name}.elf"
    return {**keys, "cmdline": name, "kernel": kernel}, peers, ends


def start(dom0, name):
    keys, peers, ends = settings(name)
    for peer in peers:
        start(dom0, peer)
    made = dom0.json(f"casemate create --json {dom0.config(name, **keys)}")
    return made["domid"], ends


def check_end(dom0, name, domid, ends):
    """dom0 sees the guest end in this way and no other: the core's reason,
    as the guest's keeper logs it, and what becomes of the domain."""
    words = {"poweroff": "powered off", "reboot": "rebooted", "crash": "crashed"}
    line = f"domain {domid}: it "
    log = dom0.until(f"cat /var/log/casemate/{name}.log", f"{line}.* \\(reason")
    assert f"{line}{words[ends]} " in log, f"not {ends}: {log}"
    if ends == "crash":
        info = dom0.json(f"casemate info --json {domid}")
        assert (info["state"], info["shutdown_reason"]) == ("shutdown", "crash")
        return
    dom0.until(f"casemate info {domid} 2>&1 || echo gone", "^gone")
    if ends == "reboot":
        # A domain is made anew, and as it reboots too, its keeper says so.
        again = f"grep -c 'it rebooted' /var/log/casemate/{name}.log"
        dom0.until(again, "^([2-9]|[1-9][0-9]+)$")
        log = dom0.must(f"cat /var/log/casemate/{name}.log")
        assert len(set(re.findall(r"domain (\d+): it rebooted", log))) > 1, log


@pytest.mark.parametrize("name", KERNELS)
def test_kernel(dom0, name):
    domid, ends = start(dom0, name)
    log = f"/var/log/xen/console/guest-{name}.log"
    # One with an end to come says PASS before it; the end decides.
    wanted = f"PASS {name} if it ends in {ends}" if ends else f"PASS {name}"
    dom0.until(f"cat {log}", f"^(FAIL .*|{wanted})", 60)
    # The others switch off when they have spoken.
    check_end(dom0, name, domid, ends or "poweroff")
    output = dom0.must(f"cat {log}").replace("\r", "")
    # A kernel that reboots may have spoken again already.
    assert set(re.findall(r"^((?:PASS|FAIL) .*)\n", output, re.M)) == {wanted}, output
