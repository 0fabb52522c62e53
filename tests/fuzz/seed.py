#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""First inputs: what a fuzzer would need long to come upon.

    seed.py DIRECTORY       makes DIRECTORY/NAME/* for each target
"""
import pathlib
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
TOP = pathlib.Path(__file__).resolve().parents[2]

# The order of records[] in fuzz_hypercall.c.
(ENTRY, WRITE, MAP, _, UNMAP, COPY, _, EVENT, _, MEMORY, VCPU, SCHED, OTHER,
 CONTROL, _, RAW, EXIT, GRANT, TIME, GO_ON) = range(20)
DOM0, BLACK, RED, RED2, MADE, MADE2 = range(6)
NEW, NEW2 = 128, 129  # what dom0 made, named in an argument
DECREASE, POPULATE, ADD, REMOVE = range(4)
OFFER, BIND, VIRQ, IPI, MOVE, UNMASK, SEND, STATUS, CLOSE = range(9)
LATER = 0x60  # drive the call one step only
LABEL_RED, LABEL_BLACK = 7, 1


def r(what, who, *a):
    return (bytes([what, who, *a]) + bytes(10))[:12]


def ref(n):
    return 2 * n + 1


def made(label, who=MADE, name=NEW, memory=32):
    return [r(CONTROL, DOM0, 1, label, 0, 0), r(CONTROL, DOM0, 2, name, 0, memory),
            r(CONTROL, DOM0, 3, name, 4, 3, 20, 0), r(CONTROL, DOM0, 4, name),
            r(MEMORY, who, ADD, 0, 0, 0, 64), r(MEMORY, who, ADD, 1, 0, 0, 65)]


GRANTED = [r(ENTRY, RED, 0, RED2, 0, 21), r(ENTRY, RED, 1, RED2, 1, 22),
           r(ENTRY, RED, 2, BLACK, 0, 23), r(ENTRY, BLACK, 0, RED, 0, 21),
           r(ENTRY, RED, 3, DOM0, 0, 24), r(ENTRY, BLACK, 1, DOM0, 0, 22)]
MANY = 192 + 20  # count_of(): 1 + (b & 31)

HYPERCALL = {
    "map": [*GRANTED, r(MAP, RED2, RED, 0, 0, 80), r(MAP, RED2, RED, 1, 1, 81),
            r(WRITE, RED2, 80, 0, 0, 63), r(WRITE, RED, 21, 1, 0, 63),
            r(UNMAP, RED2, 0), r(UNMAP, RED2, 1)],
    "map-map": [*GRANTED, r(MAP, RED2, RED, 0, 0, 80), r(ENTRY, RED2, 0, DOM0, 0, 80),
                r(ENTRY, RED2, 1, RED, 0, 64), r(MAP, DOM0, RED2, 0, 0, 80),
                r(MAP, RED, RED2, 1, 0, 80), r(UNMAP, RED2, 0)],
    "map-twice": [*GRANTED, r(MAP, RED2, RED, 0, 0, 80), r(MAP, RED2, RED, 0, 0, 80),
                  r(MAP, RED2, RED, 1, 0, 81), r(MAP, RED2, RED, 0, 0, 21),
                  r(MAP, RED2, RED, 0, 0, 82), r(ENTRY, RED, 0, RED2, 0, 25),
                  r(MAP, RED2, RED, 0, 0, 83), r(UNMAP, RED2, 0), r(UNMAP, RED2, 1)],
    "map-many": [*GRANTED, r(MAP, RED2, RED, 0, 0, 80, 0, 0, 0, 0, MANY),
                 r(UNMAP, RED2, 0, 0, 0, 0, 0, 1, 0, 0, MANY)],
    "map-refused": [*GRANTED, r(MAP, BLACK, RED, 2, 0, 80),
                    r(MAP, BLACK, RED, 2, 1, 80), r(MAP, RED, BLACK, 0, 1, 80),
                    r(MAP, RED, BLACK, 0, 0, 81), r(UNMAP, RED, 0)],
    "copy": [*GRANTED, r(COPY, RED2, RED, ref(0), 0, 24, 0, 0, 200),
             r(COPY, RED2, 0, 24, RED, ref(0), 0, 4, 200),
             r(COPY, BLACK, RED, ref(2), 0, 24, 0, 0, 200),
             r(COPY, BLACK, 0, 24, RED, ref(2), 0, 4, 200),
             r(COPY, RED, BLACK, ref(0), 0, 26, 0, 0, 200),
             r(COPY, RED, 0, 24, BLACK, ref(0), 0, 4, 200)],
    "copy-frame": [r(COPY, RED, 0x30 | BLACK, 20, 0, 26, 0, 0, 200),
                   r(COPY, BLACK, 0x30 | RED, 20, 0, 26, 0, 0, 200),
                   r(COPY, BLACK, 0, 26, 0x30 | RED, 20, 0, 0, 200)],
    "dom0": [*GRANTED, r(MAP, DOM0, RED, 3, 0, 80), r(MAP, DOM0, BLACK, 1, 0, 81),
             r(COPY, DOM0, RED, ref(3), BLACK, ref(1), 0, 0, 200),
             r(UNMAP, DOM0, 0), r(UNMAP, DOM0, 1)],
    "event": [r(EVENT, RED, OFFER, RED2), r(EVENT, RED2, BIND, RED, 1),
              r(EVENT, RED2, SEND, 1), r(EVENT, RED, SEND, 1), r(TIME, 0, 1, 16),
              r(EVENT, RED, MOVE, 1, 1), r(EVENT, RED, CLOSE, 1),
              r(EVENT, RED2, SEND, 1), r(EVENT, RED2, CLOSE, 1)],
    "event-stolen": [r(EVENT, RED, OFFER, DOM0), r(EVENT, RED2, BIND, RED, 1)],
    "event-up": [r(EVENT, RED, OFFER, BLACK), r(EVENT, BLACK, BIND, RED, 1),
                 r(EVENT, BLACK, OFFER, RED), r(EVENT, RED, BIND, BLACK, 1),
                 r(EVENT, BLACK, SEND, 1)],
    "virq": [r(EVENT, DOM0, VIRQ, 0, 0), r(EVENT, DOM0, VIRQ, 3, 0),
             r(EVENT, RED, VIRQ, 0, 0), r(EVENT, RED, IPI, 1), r(EVENT, RED, SEND, 2),
             r(EVENT, RED, CLOSE, 1), r(EVENT, DOM0, CLOSE, 2)],
    "life": [*made(LABEL_RED), r(CONTROL, DOM0, 5, NEW)],
    "life-paused": [r(CONTROL, DOM0, 1, LABEL_BLACK, 0, 0),
                    r(CONTROL, DOM0, 2, NEW, 0, 32),
                    r(CONTROL, DOM0, 4, NEW, 1), r(CONTROL, DOM0, 7, NEW),
                    r(CONTROL, DOM0, 6, NEW), r(CONTROL, DOM0, 8, NEW),
                    r(CONTROL, DOM0, 5, NEW)],
    "life-mapped": [*made(LABEL_RED), r(MAP, DOM0, NEW, 1, 0, 80),
                    r(MAP, DOM0, NEW, 0, 0, 81), r(EVENT, DOM0, BIND, NEW, 1),
                    r(EVENT, DOM0, SEND, 1), r(CONTROL, DOM0, 5, NEW),
                    r(WRITE, DOM0, 80, 0, 0, 9), r(UNMAP, DOM0, 0),
                    r(UNMAP, DOM0, 1), r(CONTROL, DOM0, 8, NEW)],
    "life-maps": [*made(LABEL_RED), r(ENTRY, RED, 0, NEW, 0, 21),
                  r(MAP, MADE, RED, 0, 0, 90), r(ENTRY, MADE, 2, RED, 0, 21),
                  r(MAP, RED, NEW, 2, 0, 90), r(EVENT, RED, OFFER, NEW),
                  r(EVENT, MADE, BIND, RED, 1), r(CONTROL, DOM0, 5, NEW),
                  r(UNMAP, RED, 0), r(CONTROL, DOM0, 8, 0)],
    "life-slow": [r(CONTROL, DOM0, 1, LABEL_RED, 0, 6),
                  r(CONTROL, DOM0 | LATER, 2, NEW, 0, 200),
                  r(MAP, RED, DOM0, 0, 0, 80), r(GO_ON, DOM0 | LATER), r(GO_ON, DOM0),
                  r(CONTROL, DOM0, 4, NEW), r(CONTROL, DOM0 | LATER, 5, NEW),
                  r(MEMORY, RED, DECREASE, 5, 0, 0, 30), r(TIME, 0, 1, 24),
                  r(GO_ON, DOM0 | LATER), r(GO_ON, DOM0)],
    "life-runs": [*[r(TIME, 0, 255, 20, 1)] * 3, r(CONTROL, DOM0 | LATER, 5, BLACK, 200),
                  r(TIME, 0, 1, 0, 0), r(GO_ON, DOM0)],
    "life-runs-too": [*[r(TIME, 0, 255, 20, 1)] * 5, r(CONTROL, DOM0, 5, RED, 200),
                      r(EVENT, RED2, OFFER, RED), r(CONTROL, DOM0, 8, 0)],
    "life-many": [*made(LABEL_RED), *(r(ENTRY, RED, n, NEW, 0, 21) for n in range(8)),
                  *(r(MAP, MADE, RED, n, 0, 70 + n) for n in range(3)),
                  r(MAP, MADE, RED, 0, 0, 78, 0, 0, 0, 0, MANY), r(CONTROL, DOM0, 5, NEW)],
    "life-no-answer": [r(CONTROL, DOM0, 1, LABEL_RED, 0, 0, 0, 0, 0, 0, 0, 236),
                       r(CONTROL, DOM0, 1, LABEL_RED, 0, 0), r(CONTROL, DOM0, 5, NEW)],
    "map-no-answer": [*GRANTED, r(MAP, RED2, RED, 0, 0, 80, 0, 0, 0, 0, 0, 236),
                      r(MAP, RED2, RED, 0, 0, 80)],
    "sipi": [r(CONTROL, DOM0, 1, LABEL_RED, 1, 0), r(CONTROL, DOM0, 2, NEW, 0, 32),
             r(CONTROL, DOM0, 4, NEW), r(EXIT, MADE, 5, 9, 0, 0, 0, 0x45, 0, 0, 2),
             r(EXIT, MADE, 5, 9, 0, 0, 8, 0x46, 0, 0, 2), r(SCHED, MADE | 8, 5)],
    "upcall": [r(OTHER, RED, 0, 0, 0, 2, 0x40, 0, 1), r(EVENT, RED, IPI, 0),
               r(EVENT, RED, SEND, 1), r(SCHED, RED, 4), r(TIME, 0, 255, 20, 1),
               r(EXIT, RED, 2, 9)],
    "life-areas": [*made(LABEL_RED), r(VCPU, MADE, 0, 0, 25, 2), r(VCPU, MADE, 1, 0, 26, 2),
                   r(VCPU, MADE, 2, 0, 27, 252), r(CONTROL, DOM0, 5, NEW)],
    "table": [r(GRANT, RED, 0, BLACK), r(GRANT, BLACK, 0, BLACK), r(GRANT, RED, 1, DOM0),
              r(GRANT, RED, 2, 1), r(GRANT, RED, 2, 2), r(GRANT, RED, 3, 192, 2),
              r(GRANT, RED, 3, BLACK, 2), r(GRANT, DOM0, 0, RED)],
    "shutdown": [*made(LABEL_RED), r(SCHED, MADE, 0, 1), r(CONTROL, DOM0, 5, NEW)],
    "memory": [r(MEMORY, RED, DECREASE, 20, 0, 0, 24), r(MEMORY, RED, POPULATE, 20, 0, 0, 24),
               r(MEMORY, RED, DECREASE, 5, 1, 0, 24), r(MEMORY, RED, POPULATE, 3, 1, 0, 24),
               r(MEMORY, RED, REMOVE, 0, 0, 0, 25), r(MEMORY, RED, DECREASE, 63, 0, 0, 20),
               r(MEMORY, RED2, POPULATE, 63, 0, 0, 226)],
    "memory-beyond": [r(MEMORY, RED, POPULATE, 1, 0, 0, 245), r(MEMORY, RED, POPULATE, 1, 0, 0, 248),
                      r(MEMORY, RED, POPULATE, 1, 0, 0, 242)],
    "ends": [r(EVENT, RED, OFFER, RED2), r(EVENT, RED, OFFER, RED), r(EVENT, DOM0, BIND, RED, 1),
             r(EVENT, RED, BIND, RED, 2), r(EVENT, RED, CLOSE, 3), r(EVENT, RED, OFFER, NEW)],
    "area-mapped": [*GRANTED, r(MAP, RED2, RED, 0, 0, 80), r(VCPU, RED2, 0, 0, 80, 2),
                    r(VCPU, RED2, 1, 0, 80, 2), r(VCPU, RED2, 2, 0, 79, 252),
                    r(UNMAP, RED2, 0), r(TIME, 0, 255, 20, 1)],
    "area-edge": [r(VCPU, RED, 0, 0, 25, 252), r(EVENT, RED, IPI, 0), r(EVENT, RED, SEND, 1),
                  r(TIME, 0, 255, 20, 1)],
    "argument-mapped": [*GRANTED, r(MAP, RED2, RED, 1, 1, 80),
                        r(OTHER, RED2, 1, 3, 0, 0, 0, 0, 0, 0, 0, 230),
                        r(EVENT, RED2, OFFER, RED, 0, 0, 0, 0, 0, 0, 0, 230),
                        r(OTHER, RED2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 230)],
    "memory-mapped": [*GRANTED, r(MAP, RED2, RED, 0, 0, 80),
                      r(MEMORY, RED, REMOVE, 0, 0, 0, 21), r(WRITE, RED2, 80, 0, 0, 9),
                      r(MEMORY, RED, POPULATE, 1, 0, 0, 21), r(UNMAP, RED2, 0)],
    "physmap": [r(MEMORY, RED, ADD, 1, 1, 0, 66), r(MEMORY, RED, ADD, 1, 3, 0, 30),
                r(MEMORY, RED, ADD, 0, 0, 0, 31), r(MEMORY, DOM0, ADD, 0, 0, 0, 31),
                r(MEMORY, RED, 4, 0, BLACK), r(MEMORY, RED, 5, 0, BLACK)],
    "own-only": [r(MEMORY, RED, DECREASE, 5, 0, 160 + BLACK, 24),
                 r(MEMORY, RED, REMOVE, 0, 0, 160 + RED2, 25), r(OTHER, RED, 0, 160 + DOM0),
                 r(MEMORY, RED, ADD, 0, 0, 160 + BLACK, 30)],
    "areas": [r(VCPU, RED, 0, 0, 25, 2), r(VCPU, RED, 1, 0, 26, 128 + 0x60),
              r(VCPU, RED, 2, 1, 27, 4), r(MEMORY, RED, REMOVE, 0, 0, 0, 25),
              r(EVENT, RED, VIRQ, 0, 0), r(VCPU, RED, 3, 0, 4, 10),
              r(TIME, 0, 1, 20), r(SCHED, RED, 4), r(TIME, 0, 255, 20, 1),
              r(TIME, 0, 255, 20, 1)],
    "poll": [r(EVENT, RED, OFFER, RED2), r(EVENT, RED2, BIND, RED, 1),
             r(SCHED, RED, 1, 0, 200, 1), r(EVENT, RED2, SEND, 1), r(TIME, 0, 9, 9)],
}
HYPERCALL["life-two"] = [*made(LABEL_RED), *made(LABEL_RED, MADE2, NEW2),
                         r(ENTRY, MADE, 0, NEW2, 0, 20), r(MAP, MADE2, NEW, 0, 0, 90),
                         r(CONTROL, DOM0, 5, NEW), r(CONTROL, DOM0, 5, NEW2),
                         r(CONTROL, DOM0, 8, NEW)]


def hypercall(where):
    for name, records in HYPERCALL.items():
        (where / name).write_bytes(b"\0" + b"".join(records))
        (where / (name + "-mute")).write_bytes(b"\2" + b"".join(records))
        (where / (name + "-open")).write_bytes(b"\1" + b"".join(records))


def policy_image(where):
    compiler = TOP / "build" / "casemate-policy"
    for policy in sorted((TOP / "policy" / "examples").glob("*.pol")):
        image = where / policy.stem
        subprocess.run([compiler, "compile", policy, "-o", image], check=True,
                       stdout=subprocess.DEVNULL)
        if image.stat().st_size > 6000:
            image.unlink()


def tag(kind, body):
    text = struct.pack("<II", kind, 8 + len(body)) + body
    return text + bytes(-len(text) % 8)


def multiboot2(where):
    area = b"".join(struct.pack("<QQII", 0x100000 * i, 0x80000, 1 + i % 3, 0)
                    for i in range(5))
    line = b"dom0_mem=512M dom0_vcpus=3 foo -- quiet a b\0"
    tags = [tag(1, line), tag(6, struct.pack("<II", 24, 0) + area)]
    for kind, text in enumerate([b"dom0-kernel console=hvc0", b"dom0-initrd", b"policy",
                                 b"other"]):
        tags.append(tag(3, struct.pack("<II", 0x2000000 + kind * 0x100000, 0x2080000 +
                                       kind * 0x100000) + text + b"\0"))
    tags += [tag(14, b"RSD PTR old........."), tag(15, b"RSD PTR " + bytes(28)),
             tag(99, b"unknown"), tag(0, b"")]
    for name, mode in [("all", b"\0"), ("cut", b"\1")]:
        (where / name).write_bytes(
            mode + bytes(8) + b"".join(tags)[:len(b"".join(tags)) // (1 + mode[0])])
    whole = struct.pack("<QQIIQQII", 0, 0x9fc00, 1, 0, 0x100000, 0x7ff00000, 1, 0)
    (where / "whole").write_bytes(bytes(9) + b"".join(
        [tags[0], tag(6, struct.pack("<II", 24, 0) + whole), *tags[2:]]))
    (where / "two").write_bytes(bytes(9) + tags[2] + tags[2] + tags[-1])
    start = struct.pack("<IIIIQQQQII", 0x336ec578, 1, 0, 1, 200, 64, 0, 0x68, 5, 0)
    (where / "pvh").write_bytes(b"\3" + start + bytes(8) + struct.pack("<QQ", 0x10000, 0x20000)
                                + bytes(24) + area + bytes(80 - 24) +
                                b"modules=policy:5,dom0-kernel:4,dom0-initrd:4\0")
    joined = b"dom0_mem=2G modules=dom0-kernel:5000,dom0-initrd:1,policy:4096 x -- y\0"
    (where / "joined").write_bytes(b"\2" + joined)


def guest_file(where):
    for path in sorted((TOP / "tools" / "image" / "guest").glob("*.cfg")):
        (where / path.stem).write_bytes(path.read_bytes())
    (where / "all").write_text(
        "# all keys\nname = \"a-b\"; label = 'red_t@secret'\nkernel=\"/k\"\nramdisk = \"r\"\n"
        "cmdline = \"a=\\\"b\\\" \\x41\"\nmemory = 0x40\nvcpus = 4\non_crash = \"preserve\"\n"
        "type = \"pvh\"\nextra = [ 1, \"two\", [ 3 ] ]\nvif = [ 'mac=00' ]\n")
    (where / "wrong").write_text("name = [ \"x\" ]\nmemory = \"4\n")


def kernel(where):
    import conftest  # tests/tools: small kernels in every packing
    small = conftest.elf([(0x100000, bytes(range(64)), 0x100)])
    (where / "elf").write_bytes(small)
    for name, pack in conftest.PACKERS.items():
        (where / name).write_bytes(conftest.bzimage(pack(small), sects=1, offset=0))
    (where / "elf-two").write_bytes(conftest.elf([(0x200000, b"x" * 40, 80),
                                                  (0x100000, b"y" * 40, 40)]))


def main():
    for make in (hypercall, policy_image, multiboot2, guest_file, kernel):
        where = pathlib.Path(sys.argv[1]) / make.__name__
        where.mkdir(parents=True, exist_ok=True)
        make(where)


main()
