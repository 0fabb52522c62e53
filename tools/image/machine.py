# SPDX-License-Identifier: Apache-2.0
"""Casemate in QEMU: put modules together, boot, read and drive the console.

Used by make run, the demo and the system tests. Processor emulation only:
hardware virtualisation of the host is never used.
"""

import os
import re
import shutil
import subprocess
import tempfile
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(TOP, "build")
CORE = os.path.join(BUILD, "core", "casemate.elf")
MODULES = {
    "dom0-kernel": os.path.join(BUILD, "vmlinux"),
    "dom0-initrd": os.path.join(BUILD, "dom0.cpio"),
    "policy": os.path.join(BUILD, "policy.img"),
}
CORE_LINE = "dom0_mem=640M dom0_vcpus=2"
DOM0_LINE = "console=hvc0 quiet loglevel=3 swiotlb=force"
OVMF = "/usr/share/OVMF"
PAGE = 4096
# QEMU 7.2 corrupts processor 0 with a thread for each; docs/decisions/0017.
THREAD = os.environ.get("QEMU_THREAD", "single")


class Timeout(Exception):
    """The awaited text did not come; the message has the end of the log."""


def qemu(cpus=2, memory=3072, cpu="EPYC,+svm,+npt,+umip,-monitor", icount=False):
    """The command line every run starts from. With icount each executed
    instruction takes a nanosecond of the machine's time, waiting takes none
    of ours, and the time stamp counter counts instructions."""
    return [
        "qemu-system-x86_64",
        *("-accel", f"tcg,thread={THREAD}", "-machine", "q35", "-cpu", cpu),
        *("-smp", str(cpus), "-m", str(memory), "-display", "none"),
        *("-serial", "stdio", "-monitor", "none", "-no-reboot", "-nodefaults"),
        *("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"),
        *(("-icount", "shift=0,sleep=off") if icount else ()),
    ]


def bundle(target, modules=None):
    """Write the modules one after the other, each at a page boundary.

    Returns the modules= word that tells the core what lies where."""
    sizes = []
    with open(target, "wb") as out:
        for role, path in (modules or MODULES).items():
            out.write(b"\0" * (-out.tell() % PAGE))
            with open(path, "rb") as f:
                shutil.copyfileobj(f, out, 1 << 20)
            sizes.append(f"{role}:{os.path.getsize(path)}")
    return "modules=" + ",".join(sizes)


def direct(target, modules=None, core_line=CORE_LINE, dom0_line=DOM0_LINE):
    """QEMU arguments that boot the core without firmware or boot loader."""
    word = bundle(target, modules)
    line = f"{core_line} {word} -- {dom0_line}"
    return ["-kernel", CORE, "-initrd", target, "-append", line]


def iso(path):
    return ["-cdrom", path, "-boot", "d"]


def ovmf(directory):
    """UEFI firmware with a private variable store below directory."""
    store = os.path.join(directory, "vars.fd")
    shutil.copyfile(os.path.join(OVMF, "OVMF_VARS_4M.fd"), store)
    code = os.path.join(OVMF, "OVMF_CODE_4M.fd")
    drive = "if=pflash,format=raw,unit"
    return [
        *("-drive", f"{drive}=0,readonly=on,file={code}"),
        *("-drive", f"{drive}=1,file={store}"),
    ]


class Machine:
    """One running QEMU; its serial line as text without carriage returns."""

    def __init__(self, arguments, log=None, echo=None):
        self.text = ""
        self.seen = 0  # where the next expect starts
        self.echo = echo
        self.log = log and open(log, "w", encoding="utf-8")
        self.changed = threading.Condition()
        self.closed = False
        self.count = 0
        self.started = time.monotonic()
        # The rule of this project: never the host's virtualisation.
        assert f"tcg,thread={THREAD}" in arguments and "kvm" not in str(arguments)
        self.process = subprocess.Popen(
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._warnings, daemon=True).start()

    def _read(self):
        while data := self.process.stdout.read1(65536):
            text = data.decode("utf-8", "replace").replace("\r", "")
            if self.log:
                self.log.write(text)
                self.log.flush()
            if self.echo:
                self.echo(text)
            with self.changed:
                self.text += text
                self.changed.notify_all()
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _warnings(self):
        self.stderr = [
            line
            for line in self.process.stderr.read().decode().splitlines()
            if "TCG doesn't support requested feature" not in line
        ]

    def expect(self, pattern, timeout):
        """Wait for a regular expression; the match, after which to go on."""
        end = time.monotonic() + timeout
        wanted = re.compile(pattern, re.M | re.S)
        with self.changed:
            while True:
                match = wanted.search(self.text, self.seen)
                if match:
                    self.seen = match.end()
                    return match
                left = end - time.monotonic()
                if self.closed or left <= 0:
                    how = "QEMU ended" if self.closed else f"{timeout} s passed"
                    raise Timeout(
                        f"{how} without '{pattern}'; the log ends:\n"
                        + self.text[-2000:]
                    )
                self.changed.wait(left)

    def type(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def ready(self, timeout=120):
        """Wait for dom0's agent (casemate.run=agent on its command line)."""
        self.expect("^@agent ready$", timeout)

    def run(self, command, timeout=60):
        """Run a command in dom0 through its agent: (status, output)."""
        self.count += 1
        self.type(f"{self.count} {command}\n")
        name = f"@{self.count}"
        self.expect(f"^{name} begin$", timeout)
        # The status may follow output that ends without a newline; the newline
        # after it says that all its digits are there.
        match = self.expect(rf"\n(.*?){name} end (\d+)(?=\n)", timeout)
        return int(match.group(2)), match.group(1)

    def poweroff(self, timeout=60):
        self.type("off poweroff -f\n")
        return self.wait(timeout)

    def wait(self, timeout):
        """Wait for QEMU to end by itself; its exit status."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Timeout(
                f"still running after {timeout} s; the log ends:\n"
                + self.text[-2000:]
            ) from None

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.log:
            self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def workspace():
    """A directory for a bundle or a variable store, removed at the end."""
    return tempfile.TemporaryDirectory(prefix="casemate-")
