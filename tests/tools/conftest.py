# SPDX-License-Identifier: Apache-2.0
"""Small PVH kernels, bzImages around them, and a casemate on fakes."""
import json
import lzma
import os
import pathlib
import signal
import struct
import subprocess
import time
import zlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASEMATE = os.environ.get(
    "CASEMATE", str(ROOT / "build" / "tests" / "casemate-fake"))

PT_LOAD, PT_NOTE = 1, 4


def note(entry, size=4, name=b"Xen\0", kind=18):
    desc = entry.to_bytes(8, "little")[:size]
    return struct.pack("<III", len(name), size, kind) + name + desc


def elf(segments=None, notes=None, entry=0x100000, machine=62, kind=2,
        elf_class=2, phentsize=56):
    """segments: [(paddr, file bytes, memory size)]"""
    if segments is None:
        segments = [(0x100000, bytes(range(256)) * 40, 0x4000)]
    if notes is None:
        notes = note(entry)
    count = len(segments) + 1
    at = 64 + count * 56
    headers, body = b"", b""
    for paddr, data, memory in segments:
        headers += struct.pack("<IIQQQQQQ", PT_LOAD, 5, at + len(body), 0,
                               paddr, len(data), memory, 4096)
        body += data
    headers += struct.pack("<IIQQQQQQ", PT_NOTE, 4, at + len(body), 0, 0,
                           len(notes), len(notes), 4)
    body += notes
    ident = b"\x7fELF" + bytes([elf_class, 1, 1]) + bytes(9)
    header = ident + struct.pack("<HHIQQQIHHHHHH", kind, machine, 1, entry, 64,
                                 0, 0, 64, phentsize, count, 0, 0, 0)
    return header + headers + body


def pack_xz(data):
    filters = [{"id": lzma.FILTER_X86},
               {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    packed = lzma.compress(data, lzma.FORMAT_XZ, lzma.CHECK_CRC32,
                           filters=filters)
    return packed + struct.pack("<I", len(data))


def pack_gzip(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def run_packer(command, data):
    return subprocess.run(command, input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def pack_zstd(data):
    return run_packer(["zstd", "-q", "-19", "-c"], data) + \
        struct.pack("<I", len(data))


def pack_lz4(data):
    return run_packer(["lz4", "-q", "-l", "-c"], data) + \
        struct.pack("<I", len(data))


PACKERS = {"xz": pack_xz, "gzip": pack_gzip, "zstd": pack_zstd,
           "lz4": pack_lz4}


def bzimage(payload, version=0x20f, sects=3, offset=0x40, length=None):
    image = bytearray((sects + 1) * 512)
    image[0x1f1] = sects
    image[0x202:0x206] = b"HdrS"
    image[0x206:0x208] = version.to_bytes(2, "little")
    image[0x248:0x24c] = offset.to_bytes(4, "little")
    size = len(payload) if length is None else length
    image[0x24c:0x250] = size.to_bytes(4, "little")
    return bytes(image) + bytes(0x40) + payload + b"tail of the image"


class Guest:
    """A directory with a guest file, and casemate commands in it."""

    def __init__(self, path):
        self.path = path
        self.fake = path / "fake"
        (self.fake / "log").mkdir(parents=True)
        self.env = dict(os.environ, CASEMATE_FAKE=str(self.fake))
        self.keys = {"name": '"red"', "kernel": '"kernel"',
                     "ramdisk": '"ramdisk"', "cmdline": '"console=hvc0"',
                     "memory": "8", "vcpus": "2",
                     "label": '"guest_t@secret:crypto"'}
        self.kernel = elf()
        self.ramdisk = b"ramdisk" * 1500

    def write(self, **keys):
        """Write the files; a key set to None is left out."""
        self.keys.update(keys)
        (self.path / "kernel").write_bytes(self.kernel)
        (self.path / "ramdisk").write_bytes(self.ramdisk)
        text = "".join(f"{key} = {value}\n"
                       for key, value in self.keys.items()
                       if value is not None)
        (self.path / "guest.cfg").write_text(text)

    def run(self, *args, **env):
        full = dict(self.env, **{k: str(v) for k, v in env.items()})
        return subprocess.run([CASEMATE, *args], cwd=self.path, env=full,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60)

    def start(self, *args, **env):
        full = dict(self.env, **{k: str(v) for k, v in env.items()})
        return subprocess.Popen([CASEMATE, *args], cwd=self.path, env=full,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def ok(self, *args, **env):
        done = self.run(*args, **env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def error(self, *args, **env):
        """The one error line of a command that must fail."""
        done = self.run(*args, **env)
        assert done.returncode == 1, (done.returncode, done.stdout,
                                      done.stderr)
        lines = [line for line in done.stderr.splitlines()
                 if "warning:" not in line]
        assert len(lines) == 1 and lines[0].startswith("casemate: "), lines
        return lines[0]

    def json(self, *args, **env):
        return json.loads(self.ok(*args, "--json", **env))

    def digest(self):
        return self.json("measure", "guest.cfg")["digest"]

    def domains(self):
        return [d for d in self.json("list") if d["domid"] != 0]

    def keepers(self):
        """Process ids of this directory's keepers."""
        wanted = f"CASEMATE_FAKE={self.fake}".encode()
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if (entry.name.isdigit() and
                        (entry / "comm").read_text() == "casemate-keeper\n" and
                        wanted in (entry / "environ").read_bytes()):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def poke(self, line):
        temporary = self.fake / "poke.new"
        temporary.write_text(line + "\n")
        temporary.rename(self.fake / "poke")

    def steps(self):
        path = self.fake / "steps"
        return path.read_text().splitlines() if path.exists() else []

    def log(self):
        return (self.fake / "log" / "red.log").read_text()

    def remains(self):
        """What is left of guests outside of the core."""
        found = [str(p) for p in (self.fake / "xs").glob("local/domain/*")]
        found += [str(p) for p in (self.fake / "xs").glob("vm/*")]
        found += [str(p) for p in (self.fake / "introduced").glob("*")]
        found += [str(p) for p in
                  (self.fake / "run" / "domains").glob("*.json")]
        return found

    def free_frames(self):
        return self.json("version")["free_frames"]

    def stop(self):
        for pid in self.keepers():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def wait_for(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "timed out"
        time.sleep(0.02)


@pytest.fixture
def guest(tmp_path):
    made = Guest(tmp_path)
    made.write()
    yield made
    made.stop()
