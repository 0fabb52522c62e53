# SPDX-License-Identifier: Apache-2.0
"""The core on a second machine: Bochs, whose processor does what QEMU's does
not (docs/decisions/0018). Too slow for Linux, so tests/bochs/dom0.c starts the
kernels: those of tests/guest, those only Bochs can judge (tests/bochs/claims),
and the hostile ones.

All run in one boot. If the machine ends or stands still, the kernel that was
running is to blame, and the rest run in another boot.
"""

import collections
import glob
import json
import os
import re
import subprocess
import time

import pytest

import machine
from conftest import LOGS

TESTS = os.path.join(machine.TOP, "tests")
BOCHS = os.path.join(machine.BUILD, "bochs")
DOM0 = os.path.join(BOCHS, "dom0", "dom0.elf")
SMALL = {"memory": 16, "vcpus": 1, "label": "test_a_t@secret"}
# Seconds without a new line after which it stands still: dom0.c has one every
# 5 s of the machine's time, which is 2 s on an idle processor.
STILL = 150
BOOT_AT_MOST = 900  # and for all the kernels of a boot
# Panics of Bochs that are no faults: its word for a triple fault, which then
# becomes the exit it should be, and for switching off.
PANICS = re.compile(r"3rd \(\d+\) exception with no resolution|soft power off")
BOCHSRC = """\
panic: action=report, cpu0=report
plugin_ctrl: unmapped=true, biosdev=true, extfpuirq=true, serial=true
config_interface: textconfig
display_library: rfb, options="timeout=0"
cpu: model=ryzen, count=1, ips=20000000, reset_on_triple_fault=0
memory: guest=512, host=512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/vgabios/vgabios.bin
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path={iso}, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev={serial}
log: {log}
clock: sync=none
pci: enabled=1, chipset=i440fx
"""

# title: of the guest; name: of the kernel; role: see tests/bochs/pack.h; ends:
# how, None: poweroff; before: kernels to be started first.
Kernel = collections.namedtuple("Kernel", "title name elf keys role ends before")
Verdict = collections.namedtuple("Verdict", "lines end frames digest asked")


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read().replace("\r", "")


def options(path):
    """A test kernel's .cfg: keys of the guest file, words for the tests."""
    text = read(path)
    keys = {
        key: value.strip('"') if '"' in value else int(value)
        for key, value in re.findall(r"^(\w+) *= *(.+)$", text, re.M)
    }
    return keys, dict(re.findall(r"^# (\w+) = (.+)$", text, re.M))


def kernels(pattern, where):
    """The kernels whose sources match, as run one after the other."""
    for source in sorted(glob.glob(os.path.join(TESTS, pattern))):
        name = os.path.splitext(os.path.basename(source))[0]
        if name != "lib":
            keys, words = options(source[:-2] + ".cfg")
            elf = os.path.join(machine.BUILD, where, name + ".elf")
            keys = {**SMALL, "cmdline": name, **keys}
            yield Kernel(name, name, elf, keys, "run", words.get("ends"), [])


# ---- the hostile set: tests/system/test_attack.py says what the words mean


def hostile(name, word="", title=None, role="run", **more):
    keys, words = options(os.path.join(TESTS, "attack", name, name + ".cfg"))
    elf = os.path.join(machine.BUILD, "attack", name + ".elf")
    line = " ".join(filter(None, (name, word, words.get("bochs"))))
    keys = {**SMALL, "cmdline": line, **keys, **more}
    title = title or "-".join(filter(None, ("attack", name, word)))
    before = [hostile(n, role="peer") for n in words.get("peers", "").split()]
    if "victim" in words:
        size = int(words["victim"])
        before.append(secrets("victim", "until=filled", memory=size))
    if words.get("ends") == "never":
        role = "until=PASS"
    return Kernel(title, name, elf, keys, role, words.get("ends"), before)


def secrets(title, role, **more):
    """A guest that is full of secrets, and attacks nobody."""
    label = "red_t@secret:crypto"
    return hostile("bystander", title=title, role=role, label=label, **more)


def attacks():
    for source in sorted(glob.glob(os.path.join(TESTS, "attack", "*", "*.c"))):
        name = os.path.basename(os.path.dirname(source))
        words = options(os.path.join(os.path.dirname(source), name + ".cfg"))[1]
        if source.endswith(f"/{name}.c") and name not in HELPERS:
            if "role" not in words:
                for word in words.get("each", "").split() or [""]:
                    yield hostile(name, word)


HELPERS = {"bystander"}
ALL = [
    *kernels("guest/*.c", "guest"),
    *kernels("bochs/claims/*.c", "bochs"),
    *attacks(),
]
# The one that they must not reach is there from the start; small, as it looks
# at all it has after each.
STAYS = [secrets("bystander", "stay=filled", memory=8)]
# What every boot begins with: it pays for domain 0's own page tables.
FIRST = next(k for k in ALL if k.title == "hello")


class Boot:
    """One run of Bochs over some kernels."""

    def __init__(self, todo, directory, log):
        self.todo, self.log = todo, log
        self.serial = os.path.join(directory, "serial")
        self.bochsrc = os.path.join(directory, "bochsrc")
        iso = os.path.join(directory, "bochs.iso")
        pack = os.path.join(directory, "guests")
        everyone = [k for main in todo for k in (*main.before, main)]
        files = [self.guest_file(directory, k) for k in [*STAYS, *everyone]]
        subprocess.run([os.path.join(BOCHS, "pack"), pack, *files], check=True)
        policy = os.path.join(machine.BUILD, "test.img")
        subprocess.run(
            [f"{machine.TOP}/tools/image/iso", iso, machine.CORE, DOM0, pack]
            + [policy, "dom0_mem=64M dom0_vcpus=1", "dom0"],
            check=True,
        )
        with open(self.bochsrc, "w", encoding="ascii") as f:
            f.write(BOCHSRC.format(iso=iso, serial=self.serial, log=log))

    @staticmethod
    def guest_file(directory, kernel):
        path = os.path.join(directory, kernel.title + ".cfg")
        keys = {**kernel.keys, "name": kernel.title, "kernel": kernel.elf}
        with open(path, "w", encoding="ascii") as f:
            f.writelines(f"{key} = {json.dumps(v)}\n" for key, v in keys.items())
        return f"{kernel.role}:{path}"

    def run(self):
        """Until it ends by itself or stands still; what the line said."""
        command = self.bochsrc + ".commands"
        with open(command, "w", encoding="ascii") as f:
            f.write("c\n")  # Debian's Bochs waits for its debugger's "go"
        with open(self.log + ".out", "w", encoding="ascii") as out:
            process = subprocess.Popen(
                ["bochs-bin", "-q", "-f", self.bochsrc, "-rc", command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            # And again after each triple fault.
            process.stdin.write(b"c\n" * 1000)
            process.stdin.close()
            try:
                self.watch(process)
            finally:
                process.kill()
                process.wait()
        return read(self.serial)

    def watch(self, process):
        size, since = -1, time.monotonic()
        end = since + BOOT_AT_MOST
        while process.poll() is None and time.monotonic() < min(since + STILL, end):
            now = os.path.exists(self.serial) and os.path.getsize(self.serial)
            if now != size:
                size, since = now, time.monotonic()
            time.sleep(0.2)


def verdicts_in(text):
    """title -> Verdict, from what dom0.c printed."""
    found = {}
    for match in re.finditer(r"^@(\S+) end (\w+) frames (-?\d+)$", text, re.M):
        title, end, frames = match.groups()
        digest = re.search(rf"^@{title} digest (\w+)$", text, re.M)[1]
        lines = re.findall(rf"^{title}\| (.*)$", text, re.M)
        asked = text[match.end() :].partition("@")[0].strip()
        found[title] = Verdict(lines, end, int(frames), digest, asked)
    return found


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory):
    """Every kernel's verdict; none for one that took the machine with it."""
    os.makedirs(LOGS, exist_ok=True)
    found, todo, boots = {}, list(ALL), 0
    while todo and boots < 6:
        boots += 1
        log = os.path.join(LOGS, f"bochs-{boots}.log")
        directory = str(tmp_path_factory.mktemp("bochs"))
        run = [FIRST, *(k for k in todo if k is not FIRST)]
        text = Boot(run, directory, log).run()
        with open(log + ".serial", "w", encoding="utf-8") as f:
            f.write(text)
        found["log"] = found.get("log", "") + read(log)
        seen = verdicts_in(text)
        found = {**seen, **found}
        if "PASS dom0" in text:
            break
        left = [k for k in run if k.title not in seen]
        assert FIRST not in left, f"nothing ran:\n{text[-2000:]}"
        found[left[0].title] = text[-1500:]
        todo = left[1:]
    return found


@pytest.mark.parametrize("kernel", ALL, ids=lambda k: k.title)
def test_kernel(verdicts, kernel):
    verdict = verdicts[kernel.title]
    assert isinstance(verdict, Verdict), f"the machine stopped: {verdict}"
    ends = kernel.ends
    wanted = f"PASS {kernel.name} if it ends in {ends}" if ends else f"PASS {kernel.name}"
    said = [line for line in verdict.lines if re.match("PASS|FAIL", line)]
    assert set(said) == {wanted}, verdict.lines
    assert verdict.end == {None: "poweroff", "never": "said"}.get(ends, ends)
    assert kernel is FIRST or verdict.frames == 0
    assert verdict.asked.startswith("bystander| answer q intact"), verdict.asked


def test_digest(verdicts, tmp_path):
    """What was measured there is what `casemate measure` predicts here."""
    path = Boot.guest_file(str(tmp_path), FIRST).partition(":")[2]
    tool = os.path.join(machine.BUILD, "casemate")
    done = subprocess.run([tool, "measure", path], capture_output=True, check=True)
    assert done.stdout.decode().split()[0] == verdicts[FIRST.title].digest


def test_no_panic(verdicts):
    """Bochs met nothing that it cannot do, such as SKINIT not intercepted."""
    panics = re.findall(r">>PANIC<< (.*)", verdicts["log"])
    assert panics, "the log has not even the end"
    assert not [p for p in panics if not PANICS.search(p)]
