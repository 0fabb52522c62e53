# SPDX-License-Identifier: Apache-2.0
"""The core's own end: one line, a record of the calls, and their names."""

import os
import re
import socket
import subprocess

import pytest

import machine
from cases import AGENT, MODULES

DECODE = os.path.join(machine.TOP, "tools", "debug", "decode")


def decoded(case, tmp_path):
    """The record, decoded: [(mark, function)] of the ELF file, innermost first,
    and [(function, place)] of the source."""
    record = case.expect(
        r"^casemate: [^\n]*; halted\n"
        r"casemate: crash: processor \d+, text [0-9a-f]+, stack( [0-9a-f]+)+\n",
        60,
    )
    log = tmp_path / "console.log"
    log.write_text("something else\r\n" + record[0].replace("\n", "\r\n"))
    done = subprocess.run([DECODE, str(log)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(record[0].splitlines()[0] + "\n")
    calls = re.findall(r"^  ([ ?]) [0-9a-f]+  (\w[\w.]*)\+0x", done.stdout, re.M)
    places = re.findall(r"^ {14}(\w+) +(core/\S+:\d+)$", done.stdout, re.M)
    return calls, places


def functions():
    names = subprocess.check_output(["nm", machine.CORE], text=True)
    return {line.split()[2] for line in names.splitlines() if " t " in line.lower()}


def check(calls, places, *names):
    """All have names that exist. Those that are sure tell how the processor
    came to run guests; these are among the source's functions, innermost
    first, each where its line is."""
    assert {name for _, name in calls} <= functions()
    sure = [re.sub(r"\..*", "", name) for mark, name in calls if mark == " "]
    assert "vmm_cpu_main" in sure and sure[-1] in ("boot_main", "smp_enter"), calls
    assert [name for name, _ in places if name in names] == list(names), places
    for name, place in places:
        file, line = place.split(":")
        with open(os.path.join(machine.TOP, file), encoding="utf-8") as f:
            above = f.read().splitlines()[: int(line)]
        assert any(re.search(rf"\b{name}\b", text) for text in above), (name, place)


def test_dom0_touches_nothing(boot, tmp_path):
    """The end of domain 0 is the core's: it says so from where it saw it."""
    case = boot()
    case.ready()
    case.type("1 devmem 0xf0000000\n")
    case.expect(r"^casemate: domain 0 stopped: exit 9, [^\n]* f0000000, ", 60)
    case.seen = case.text.index("casemate: domain 0 stopped")
    check(*decoded(case, tmp_path), "crash", "exit_fault", "vcpu_exit", "run")


def monitor(path, command):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(path)
        s.settimeout(20)
        s.sendall(command.encode() + b"\n")
        answer = b""
        while answer.count(b"(qemu)") < 2:
            answer += s.recv(4096)
    return answer.decode()


def test_machine_check(boot, tmp_path):
    """The machine reports that it is broken, to a processor that idles: an
    exception in the core, on a stack of its own."""
    path = str(tmp_path / "monitor")
    source = machine.direct(str(tmp_path / "bundle"), MODULES, dom0_line=AGENT)
    source += ["-monitor", f"unix:{path},server=on,wait=off"]
    case = boot(source=source, cpus=4)
    case.ready()
    uncorrected, in_progress = 0xB200000000000000, 5
    monitor(path, f"mce 3 1 {uncorrected:#x} {in_progress} 0 0")
    line = case.expect(r"^casemate: exception 18 in the core: error 0, [^\n]*\n", 60)
    assert re.search(r"rip 2[0-9a-f]{5}, cr2 [0-9a-f]+, rsp [0-9a-f]+; ", line[0])
    case.seen = line.start()
    calls, places = decoded(case, tmp_path)
    assert calls[0] == (" ", "hw_idle")
    check(calls, places, "vmm_cpu_main", "smp_enter")


@pytest.fixture(name="log")
def record(tmp_path):
    """A log with a record that fits the ELF file, and one that does not."""
    path = tmp_path / "log"

    def write(text, stack):
        path.write_text(
            "casemate: domain 0 stopped: exit 11; halted\n"
            f"casemate: crash: processor 1, text {text}, stack {stack}\n"
        )
        return str(path)

    return write


def decode(*arguments):
    done = subprocess.run(
        [DECODE, *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_decode_refuses_another_build(log):
    status, out, err = decode(log("12345678", "20a123"))
    assert status == 1 and out == "" and "another build" in err


def test_decode_finds_nothing(log, tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("casemate: starting\n")
    assert decode(str(empty))[0] == 1
    assert "no crash record" in decode(str(empty))[2]
    assert "No such file" in decode(str(tmp_path / "none"))[2]
    assert "not a 64-bit ELF" in decode(log("0", "0"), str(empty))[2]
