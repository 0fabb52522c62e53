# SPDX-License-Identifier: Apache-2.0
"""The launch digest: repeatable, sensitive, and what control.h says."""
import hashlib
import struct

import pytest

from conftest import elf

PAGE = 4096


def record(op, kind=0, arg0=0, arg1=0, data=b""):
    return struct.pack("<IIQQ96sQ", op, kind, arg0, arg1, data, 0)


def extend(digest, op, **fields):
    return hashlib.sha384(digest + record(op, **fields)).digest()


def recompute(plan, pages):
    """From the plan's text, with Python's own SHA-384."""
    hashes = iter(pages)
    digest = bytes(48)
    for step in plan:
        if step["op"] == "create":
            digest = extend(digest, 1, arg0=step["vcpus"],
                            arg1=step["max_frames"],
                            data=step["label"].encode())
        elif step["op"] == "populate":
            digest = extend(digest, 2, arg0=step["gfn"], arg1=step["count"])
        elif step["op"] == "load":
            for gfn in range(step["gfn"], step["gfn"] + step["count"]):
                page = next(hashes)
                assert page["gfn"] == gfn and page["kind"] == step["kind"]
                digest = extend(digest, 3, kind=step["kind_number"], arg0=gfn,
                                data=bytes.fromhex(page["sha384"]))
        else:
            digest = extend(digest, 4, arg0=step["entry"],
                            arg1=step["start_info"])
    assert next(hashes, None) is None
    return digest.hex()


def test_recomputed_in_python(guest):
    out = guest.json("measure", "--plan", "guest.cfg")
    assert recompute(out["plan"], out["pages"]) == out["digest"]


def test_pages_are_the_files_pages(guest):
    """Kernel and ramdisk pages are hashed as a loader would place them."""
    text = bytes(range(256)) * 20
    data = b"data" * 700
    guest.kernel = elf([(0x100000, text, 0x1800), (0x101900, data, 0x9000)])
    guest.write()
    out = guest.json("measure", "--plan", "guest.cfg")
    memory = bytearray(0x100000 + 0x9000)
    memory[0x100000:0x100000 + len(text)] = text
    memory[0x101900:0x101900 + len(data)] = data
    kernel = [p for p in out["pages"] if p["kind"] == "kernel"]
    assert [p["gfn"] for p in kernel] == [0x100, 0x101, 0x102]
    for page in kernel:
        at = page["gfn"] * PAGE
        assert page["sha384"] == hashlib.sha384(
            memory[at:at + PAGE]).hexdigest()
    padded = guest.ramdisk + bytes(-len(guest.ramdisk) % PAGE)
    for i, page in enumerate(
            p for p in out["pages"] if p["kind"] == "ramdisk"):
        assert page["sha384"] == hashlib.sha384(
            padded[i * PAGE:(i + 1) * PAGE]).hexdigest()


def test_plan_order(guest):
    plan = guest.json("measure", "--plan", "guest.cfg")["plan"]
    assert [(s["op"], s.get("kind")) for s in plan] == [
        ("create", None), ("populate", None), ("populate", None),
        ("load", "kernel"), ("load", "ramdisk"), ("load", "start_info"),
        ("load", "acpi"), ("start", None)]
    assert plan[1] == {"op": "populate", "gfn": 0, "count": 2048}
    assert plan[2] == {"op": "populate", "gfn": 0xfc000, "count": 1}
    assert plan[0]["max_frames"] == 2048 + 1 + 16


def test_repeatable(guest):
    assert guest.digest() == guest.digest()


def flip(data, at):
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


@pytest.mark.parametrize("change", [
    lambda g: setattr(g, "ramdisk", flip(g.ramdisk, len(g.ramdisk) - 1)),
    lambda g: setattr(g, "ramdisk", g.ramdisk + b"\0"),
    lambda g: setattr(g, "kernel", flip(g.kernel, 1000)),
    lambda g: g.keys.update(cmdline='"console=hvc1"'),
    lambda g: g.keys.update(label='"guest_t@secret"'),
    lambda g: g.keys.update(vcpus="3"),
    lambda g: g.keys.update(memory="9"),
    lambda g: g.keys.update(ramdisk=None),
])
def test_any_change_changes_it(guest, change):
    before = guest.digest()
    change(guest)
    guest.write()
    assert guest.digest() != before


@pytest.mark.parametrize("keys", [{"name": '"blue"'},
                                  {"on_crash": '"preserve"'}])
def test_what_the_guest_cannot_see_does_not(guest, keys):
    before = guest.digest()
    guest.write(**keys)
    assert guest.digest() == before


def test_text_output(guest):
    assert guest.ok("measure", "guest.cfg") == f"{guest.digest()}  red\n"


def test_measure_needs_no_core(guest):
    guest.digest()
    assert guest.steps() == []


def test_create_gets_the_predicted_digest(guest):
    made = guest.json("create", "guest.cfg")
    assert made["digest"] == guest.digest()
    assert guest.json("info", "red")["digest"] == guest.digest()
