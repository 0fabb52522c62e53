# SPDX-License-Identifier: Apache-2.0
"""Our own PVH kernels, one claim each: PASS name, or FAIL name: why.

A small guest of a test type runs each. tests/guest/NAME.cfg, if there is one,
changes its guest file; comments in it say more:
    # peers = NAME...                  kernels that are started first
    # ends = poweroff|reboot|crash     how dom0 must see it end
"""

import glob
import os
import re

import pytest

import machine

KERNELS = sorted(
    os.path.splitext(os.path.basename(path))[0]
    for path in glob.glob(os.path.join(machine.TOP, "tests", "guest", "*.c"))
    if os.path.basename(path) != "lib.c"
)
SMALL = {"memory": 16, "vcpus": 1, "label": "test_a_t@secret", "ramdisk": None}


def settings(name):
    """(keys of the guest file, peers, how it ends or None)"""
    keys, peers, ends = dict(SMALL), [], None
    path = os.path.join(machine.TOP, "tests", "guest", name + ".cfg")
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
    return {**keys, "cmdline": name, "kernel": f"/guests/test/{name}.elf"}, peers, ends


def start(dom0, name):
    keys, peers, ends = settings(name)
    for peer in peers:
        start(dom0, peer)
    made = dom0.json(f"casemate create --json {dom0.config(name, **keys)}")
    return made["domid"], ends


def check_end(dom0, name, domid, ends):
    """dom0 sees the guest end in this way and no other."""
    if ends == "crash":
        dom0.until(f"casemate info --json {domid}", '"shutdown_reason":.*"crash')
    elif ends == "reboot":
        dom0.until(
            f"casemate list --json | grep -c '\"domid\":[[:space:]]*{domid},' || "
            f"casemate info --json {name}",
            f'"name":.*"{name}"',
        )
    else:
        dom0.until(f"casemate info {domid} || echo gone", "^gone")


@pytest.mark.parametrize("name", KERNELS)
def test_kernel(dom0, name):
    domid, ends = start(dom0, name)
    log = f"/var/log/xen/console/guest-{name}.log"
    dom0.until(f"cat {log}", "^(PASS|FAIL) ", 60)
    output = dom0.must(f"sleep 1; cat {log}").replace("\r", "")
    verdicts = re.findall(r"^(PASS|FAIL) (.*)$", output, re.M)
    assert verdicts, output
    assert all(word == "PASS" for word, _ in verdicts), output
    if ends:
        check_end(dom0, name, domid, ends)
