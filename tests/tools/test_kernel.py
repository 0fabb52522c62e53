# SPDX-License-Identifier: Apache-2.0
"""Kernels: unpacking, ELF checks, memory size. Every file is hostile."""
import random
import struct

import pytest

from conftest import PACKERS, bzimage, elf, note


def measure_kernel(guest, kernel, **keys):
    guest.kernel = kernel
    guest.write(**keys)
    return guest.digest()


def kernel_error(guest, kernel, **keys):
    guest.kernel = kernel
    guest.write(**keys)
    text = guest.error("measure", "guest.cfg")
    assert "guest.cfg:" in text and "kernel" in text
    return text


@pytest.mark.parametrize("name", PACKERS)
def test_unpack_gives_the_same_digest_as_the_elf(guest, name):
    plain = measure_kernel(guest, elf())
    assert measure_kernel(guest, bzimage(PACKERS[name](elf()))) == plain


def test_lz4_of_several_blocks(guest):
    data = random.Random(1).randbytes(9 << 20)
    big = elf([(0x100000, data, len(data))])
    plain = measure_kernel(guest, big, memory="32")
    packed = measure_kernel(guest, bzimage(PACKERS["lz4"](big)))
    assert packed == plain


# Legacy lz4 has no check sum: damage inside a block shows in the digest only.
@pytest.mark.parametrize("name", ["xz", "gzip", "zstd"])
def test_corrupt_payload_names_the_container(guest, name):
    payload = bytearray(PACKERS[name](elf()))
    middle = len(payload) // 2
    for i in range(middle, middle + 16):
        payload[i] ^= 0xa5
    assert f"{name} payload" in kernel_error(guest, bzimage(bytes(payload)))


def test_corrupt_lz4_block_header(guest):
    payload = bytearray(PACKERS["lz4"](elf()))
    payload[4:8] = b"\xff\xff\xff\xff"
    assert "lz4 payload" in kernel_error(guest, bzimage(bytes(payload)))


@pytest.mark.parametrize("name", PACKERS)
def test_payload_cut_short(guest, name):
    payload = PACKERS[name](elf())
    cut = payload[:len(payload) // 2] + payload[-4:]
    assert f"{name} payload" in kernel_error(guest, bzimage(cut))


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("change", [-1, 1])
def test_wrong_promised_size(guest, name, change):
    payload = PACKERS[name](elf())
    size = struct.unpack("<I", payload[-4:])[0] + change
    kernel = bzimage(payload[:-4] + struct.pack("<I", size))
    assert f"{name} payload" in kernel_error(guest, kernel)


def test_promised_size_is_bounded(guest):
    payload = PACKERS["xz"](elf())[:-4] + b"\xff\xff\xff\xff"
    assert "promises 4294967295 bytes" in kernel_error(guest, bzimage(payload))


def test_truncated_bzimage(guest):
    kernel = bzimage(PACKERS["xz"](elf()))
    text = kernel_error(guest, kernel[:-100])
    assert "truncated" in text and "copy the kernel again" in text


def test_header_offsets_cannot_wrap(guest):
    for offset, length in ((0xffffffff, 0xffffffff), (0, 0xffffffff),
                           (0xffffffff, 16)):
        kernel = bzimage(b"x" * 64, offset=offset, length=length)
        assert "truncated" in kernel_error(guest, kernel)


def test_old_boot_protocol(guest):
    assert "2.08" in kernel_error(guest, bzimage(b"x" * 64, version=0x207))


@pytest.mark.parametrize("magic,name", [(b"\x5d\0\0", "lzma"),
                                        (b"BZh9", "bzip2"),
                                        (b"\x89LZO", "lzo")])
def test_unsupported_compression_is_named(guest, magic, name):
    text = kernel_error(guest, bzimage(magic + b"x" * 64))
    assert name in text and "xz, gzip, zstd or lz4" in text


def test_neither_bzimage_nor_elf(guest):
    for kernel in (b"", b"#!/bin/sh\n", b"\0" * 4096):
        assert "neither a bzImage nor an ELF" in kernel_error(guest, kernel)


def test_missing_and_odd_files(guest):
    (guest.path / "kernel").unlink()
    assert "No such file" in guest.error("measure", "guest.cfg")
    (guest.path / "kernel").mkdir()
    assert "not a regular file" in guest.error("measure", "guest.cfg")


ELF_ERRORS = [
    (elf(machine=3), "64-bit x86"),
    (elf(elf_class=1), "64-bit x86"),
    (elf(kind=3), "ET_EXEC"),
    (elf(phentsize=32), "program header table"),
    (elf(notes=b""), "PHYS32_ENTRY"),
    (elf(notes=note(0x100000, name=b"GNU\0")), "PHYS32_ENTRY"),
    (elf(notes=note(0x100000, size=2)), "odd size"),
    (elf(notes=note(0x100000)[:-2]), "note is truncated"),
    (elf(notes=struct.pack("<III", 0xffffffff, 0xffffffff, 18) + b"Xen\0"),
     "note is truncated"),
    (elf(notes=note(0x200000)), "outside the loaded segments"),
    (elf(notes=note(0x1_0010_0000, size=8)), "outside the loaded segments"),
    (elf([]), "nothing to load"),
    (elf([(0x100000, b"x" * 100, 50)]), "larger in the file"),
    (elf([(0x100000, b"x" * 0x2000, 0x2000), (0x101000, b"y", 1)]), "overlap"),
    (elf([(0xfffffffffffff000, b"x", 0x2000)]), "below 4 GiB"),
    (elf([(0x100000, b"x", 0xffffffffffffffff)]), "below 4 GiB"),
    (elf([(0x100000 + i * 0x1000, b"x", 1) for i in range(17)]),
     "more than 16 segments"),
    (elf()[:40], "neither"),
    (elf()[:100], "program headers lie outside"),
    (elf()[:300], "truncated"),
]


@pytest.mark.parametrize("kernel,text", ELF_ERRORS,
                         ids=[str(i) for i in range(len(ELF_ERRORS))])
def test_elf_errors(guest, kernel, text):
    if text == "neither":
        text = "shorter than its header"
    assert text in kernel_error(guest, kernel)


def test_entry_note_of_8_bytes_means_the_same(guest):
    eight = elf(notes=note(0x100000, size=8))
    assert measure_kernel(guest, eight) == measure_kernel(guest, elf())


def test_random_damage_never_crashes(guest):
    """ASan and UBSan turn a crash into another exit status."""
    dice = random.Random(2)
    images = [elf(), bzimage(PACKERS["gzip"](elf())),
              bzimage(PACKERS["lz4"](elf()))]
    for i in range(60):
        image = bytearray(images[i % len(images)])
        for _ in range(dice.randint(1, 8)):
            image[dice.randrange(min(len(image), 1200))] = dice.randrange(256)
        guest.kernel = bytes(image)
        guest.write()
        assert guest.run("measure", "guest.cfg").returncode in (0, 1)


def test_memory_too_small_says_how_much(guest):
    text = kernel_error(guest, elf([(0x100000, b"x", 6 << 20)]), memory="6")
    assert "memory = 6 MiB is too small" in text
    assert "ends at 7 MiB" in text and "memory = 8 at the very least" in text


def test_kernel_in_the_low_hole(guest):
    text = kernel_error(guest, elf([(0x9f000, b"x", 0x2000)],
                                   notes=note(0x9f000)))
    assert "0xa0000" in text


def test_boot_block_goes_below_a_high_kernel(guest):
    high = elf([(0x1000000, b"x" * 5000, 0x4000)], notes=note(0x1000000))
    guest.kernel = high
    guest.write(memory="32")
    plan = guest.json("measure", "--plan", "guest.cfg")["plan"]
    assert plan[-1]["start_info"] == 0x100000
    guest.kernel = elf()
    guest.write()
    plan = guest.json("measure", "--plan", "guest.cfg")["plan"]
    assert plan[-1]["start_info"] == 0x104000
