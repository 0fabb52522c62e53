# SPDX-License-Identifier: Apache-2.0
"""What is measured, the targets, and the tables that are printed."""

import collections

# exits: how often a measure enters the hypervisor at an instruction whose
# length Xen decodes; given: Xen's count without the decoding, as measured
# before this benchmark was written.
Measure = collections.namedtuple("Measure", "name words target exits given")
MEASURES = [
    Measure("null_hypercall", "null hypercall", 450, 1, 711),
    Measure("cpuid", "CPUID", 450, 1, 742),
    Measure("rdmsr", "RDMSR", 450, 1, 661),
    Measure("event_send", "event send to a running peer", 900, 1, 5077),
    Measure("event_alloc_bind_close", "alloc + bind + close both", 6000, 4, 29756),
    Measure("event_ping_pong", "event ping-pong, 1 processor", 8000, 4, 21993),
    Measure("grant_map", "grant map", 2500, 1, 12302),
    Measure("grant_unmap", "grant unmap", 2500, 1, 12877),
    Measure("grant_copy_4k", "grant copy of 4 KiB", 4000, 1, 12001),
    Measure("set_timer", "set timer", 900, 1, 5264),
    Measure("populate_4k", "populate a 4 KiB page", 3000, 1, 12436),
    Measure("decrease_4k", "decrease, scrubbing apart", 3000, 1, None),
    Measure("decrease_4k_scrub", "decrease, scrubbing included", None, 1, None),
]

# Times in seconds, memory in KiB shown in MiB; what Xen took when it was
# measured before, on a machine with nothing else to do.
LIVES = {
    "boot": ("QEMU's start to dom0's user space", "s", "8.7-9.5"),
    "create": ("create to a 32 MiB test kernel's first line", "s", "0.50"),
    "destroy": ("destroy it", "s", "0.20"),
    "debian": ("create to a Debian guest's init", "s", "about 12, busy"),
    "core": ("memory the hypervisor keeps", "MiB", "43"),
    "guest": ("memory of a 32 MiB guest beyond 32 MiB", "MiB", "1.3"),
}

# Under QEMU, which lacks NRIP-save, Xen decodes the instruction of an exit in
# software; real machines tell its length. Instructions an exit.
DECODE = 5106
GROWTH = 1.02  # what the guard lets pass


def grown(counts, baseline):
    """A line for each count that is more than 2 % above its baseline."""
    return [
        f"{m.name}: {counts[m.name]} instructions, {baseline[m.name]} committed"
        for m in MEASURES
        if counts[m.name] > baseline[m.name] * GROWTH
    ]


def shrunk(counts, baseline):
    """The names that the committed baseline no longer guards closely."""
    return [m.name for m in MEASURES if counts[m.name] * GROWTH < baseline[m.name]]


def ratio(ours, theirs):
    return f"{theirs / ours:.1f}" if ours and theirs else "-"


def verdict(measure, count):
    if measure.target is None:
        return "-"
    return "met" if count <= measure.target else "MISSED"


def instructions(data):
    """Markdown. Where Xen did not run: what was given."""
    ours, xen = data["casemate"]["instructions"], data.get("xen")
    xen = xen and xen["instructions"]
    yield (
        "| executed instructions | Casemate | target | "
        f"| Xen{'' if xen else ' (given)'} | less decoding | ratio | less decoding |"
    )
    yield "|---|--:|--:|---|--:|--:|--:|--:|"
    for m in MEASURES:
        count = ours[m.name]
        raw = xen[m.name] if xen else m.given and m.given + m.exits * DECODE
        net = raw and raw - m.exits * DECODE
        cells = [m.words, count, m.target or "-", verdict(m, count)]
        cells += [raw or "-", net or "-", ratio(count, raw), ratio(count, net)]
        yield "| " + " | ".join(map(str, cells)) + " |"


def get(data, system, how, name):
    """None where that did not run."""
    return ((data.get(system) or {}).get(how) or {}).get(name)


def times(data):
    """The same calls in wall time."""
    yield "| microseconds in QEMU | Casemate | Xen | ratio |"
    yield "|---|--:|--:|--:|"
    for m in MEASURES:
        both = [get(data, system, "ns", m.name) for system in ("casemate", "xen")]
        shown = [f"{ns / 1000:.1f}" if ns else "-" for ns in both]
        yield "| " + " | ".join([m.words, *shown, ratio(*both)]) + " |"


def lives(data):
    runs = [(s, how) for how in ("lives", "lives_wall") for s in ("casemate", "xen")]
    yield "| | Casemate | Xen | Casemate, wall | Xen, wall | Xen, given, wall |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, (words, unit, given) in LIVES.items():
        scale = 1024 if unit == "MiB" else 1
        found = [get(data, system, how, name) for system, how in runs]
        shown = ["-" if x is None else f"{x / scale:.2f} {unit}" for x in found]
        yield "| " + " | ".join([words, *shown, given]) + " |"
