# SPDX-License-Identifier: Apache-2.0
"""Our own PVH kernels, one claim each: PASS name, or FAIL name: why.

A kernel's guest file is tests/guest/NAME.cfg if there is one, else a small
one of the untrusted test type. peers = N in a comment (# peers = NAME...) of
that file names kernels that are started first.
"""

import glob
import os
import re

import pytest

import machine

KERNELS = sorted(
    os.path.splitext(os.path.basename(path))[0]
    for path in glob.glob(os.path.join(machine.BUILD, "guest", "*.elf"))
)
SMALL = {"memory": 16, "vcpus": 1, "label": "test_a_t@secret", "ramdisk": None}


def settings(name):
    """(keys, peers) of a kernel."""
    keys, peers = dict(SMALL), []
    path = os.path.join(machine.TOP, "tests", "guest", name + ".cfg")
    if os.path.exists(path):
        with open(path, encoding="ascii") as f:
            text = f.read()
        for key, value in re.findall(r"^(\w+) *= *(.+)$", text, re.M):
            keys[key] = value.strip('"') if '"' in value else int(value)
        for names in re.findall(r"^# peers = (.+)$", text, re.M):
            peers += names.split()
    return {**keys, "cmdline": name, "kernel": f"/guests/test/{name}.elf"}, peers


def start(dom0, name):
    keys, peers = settings(name)
    for peer in peers:
        start(dom0, peer)
    keys.pop("name", None)
    dom0.must(f"casemate create {dom0.config(name, **keys)}")


@pytest.mark.parametrize("name", KERNELS or [None])
def test_kernel(dom0, name):
    assert name, "no kernel in build/guest"
    start(dom0, name)
    log = f"/var/log/xen/console/guest-{name}.log"
    dom0.until(f"cat {log}", "^(PASS|FAIL) ", 60)
    output = dom0.must(f"sleep 1; cat {log}").replace("\r", "")
    verdicts = re.findall(r"^(PASS|FAIL) (.*)$", output, re.M)
    assert verdicts, output
    assert all(word == "PASS" for word, _ in verdicts), output
