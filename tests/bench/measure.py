# SPDX-License-Identifier: Apache-2.0
"""Run the benchmark's two guests on Casemate or on Xen: what each costs."""

import os
import re
import statistics
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools", "image"))
import machine  # noqa: E402 (found through the line above)

# Four times what each took on two slow cores, in seconds.
BOOT, FINISH = 240, 400
AGENT = machine.DOM0_LINE + " casemate.run=agent"

XEN = os.path.join(machine.BUILD, "xen", "xen")
XEN_CPU = "EPYC,+svm,+npt,-smap,-smep,-monitor,-rdtscp"
XEN_LINE = "console=com1 com1=115200,8n1 dom0=pvh xsave=0"
MEMORY = 3072
# Instructions that a call may keep the core for before it lets others in.
LONGEST_PIECE = 300_000


class BenchError(Exception):
    pass


def in_dom0(dom0, command):
    """Run a script of ours there; its output. A short line: Xen holds no more
    than 32 characters of input."""
    status, text = dom0.run(f"{command} 2>&1", FINISH)
    if status != 0:
        raise BenchError(f"{command}: status {status}: {text}")
    return text.replace("\r", "")


def measure(dom0, system, option=""):
    """{name of a measure: (median, least, most)}, ticks a millisecond, and with
    hold=1 {name of a long call: ticks of its longest piece}."""
    dom0.ready(BOOT)
    text = in_dom0(dom0, f"bench-start {system} {option}")
    if not re.search("^PASS bench$", text, re.M):
        raise BenchError(f"{system}: {text}")
    found = re.findall(r"^BENCH (\w+) (\d+) (\d+) (\d+)$", text, re.M)
    results = {name: tuple(map(int, rest)) for name, *rest in found}
    results["khz"] = int(re.search(r"^BENCH clock khz=(\d+)", text, re.M)[1])
    # Xen does not scrub what a guest gives back: there it is one measure.
    results.setdefault("decrease_4k", results["decrease_4k_scrub"])
    results["held"] = {}
    for name, ticks in re.findall(r"^HOLD (\w+) (\d+) \d+$", text, re.M):
        least = results["held"].setdefault(name, int(ticks))
        results["held"][name] = min(least, int(ticks))
    return results


LIFE = ("memory", "create", "destroy", "debian")


def live(dom0, system, dom0_mib, parts=LIFE, strict=True):
    """Seconds and KiB: dom0 up, guests made and ended, memory beyond theirs."""
    dom0.ready(BOOT)
    found = {"boot": [time.monotonic() - dom0.started]}
    for part in parts:
        try:
            text = in_dom0(dom0, f"bench-life {system} {part}")
        except (BenchError, machine.Timeout) as error:
            if strict:
                raise
            # What came before it was measured all the same.
            print(f"bench: {system}, {part}: {str(error)[:200]}", file=sys.stderr)
            break
        for name, number in re.findall(r"^LIFE (\w+) (\d+)$", text, re.M):
            found.setdefault(name, []).append(int(number))
    lives = {name: statistics.median(all_of) for name, all_of in found.items()}
    for name in ("create", "destroy", "debian"):
        if name in lives:
            lives[name] /= 100
    if "free" in lives:
        lives["core"] = (MEMORY - dom0_mib) * 1024 - lives.pop("free")
    return lives


class Casemate:
    name, dom0_mib = "casemate", 640

    def __init__(self, core=None):
        self.core = core

    def machine(self, directory, log, cpus=1, icount=False):
        modules = {
            **machine.MODULES,
            "dom0-initrd": os.path.join(machine.BUILD, "test.cpio"),
            "policy": os.path.join(machine.BUILD, "test.img"),
        }
        target = os.path.join(directory, "bundle")
        line = f"dom0_mem={self.dom0_mib}M dom0_vcpus={cpus}"
        boot = machine.direct(target, modules, line, AGENT)
        if self.core:
            boot[boot.index("-kernel") + 1] = self.core
        arguments = machine.qemu(cpus, MEMORY, icount=icount) + boot
        return machine.Machine(arguments, log=log)


class Xen:
    name, dom0_mib = "xen", 1024

    def machine(self, _, log, cpus=1, icount=False):
        line = f"{XEN_LINE} dom0_mem={self.dom0_mib}M dom0_max_vcpus={cpus}"
        kernel = f"{machine.MODULES['dom0-kernel']} {AGENT}"
        initrd = os.path.join(machine.BUILD, "xen.cpio")
        arguments = [
            *machine.qemu(cpus, MEMORY, XEN_CPU, icount),
            *("-device", "amd-iommu,intremap=on", "-kernel", XEN),
            *("-append", line, "-initrd", f"{kernel},{initrd}"),
        ]
        return machine.Machine(arguments, log=log)


def calls(system, log, icount, option=""):
    """One processor: nothing else may count or take time meanwhile."""
    with machine.workspace() as directory:
        with system.machine(directory, log, icount=icount) as dom0:
            return measure(dom0, system.name, option)


def lives(system, log, icount):
    with machine.workspace() as directory:
        cpus = 1 if icount else 2
        with system.machine(directory, log, cpus, icount) as dom0:
            found = live(dom0, system.name, system.dom0_mib, strict=icount)
            # Our clock, not the machine's.
            return {**found, "boot": None} if icount else found
