# SPDX-License-Identifier: Apache-2.0
"""What is going on: counters, top, and the bundle for a bug report."""
import json
import os
import pty
import re
import select
import tarfile
import time

import pytest

from conftest import CASEMATE, wait_for


def test_info_has_counters(guest):
    guest.ok("create", "guest.cfg")
    info = guest.json("info", "red")
    assert info["exits"]["hypercall"] == 100 and info["exits"]["hlt"] == 10
    assert info["exits"]["broken"] == 0
    assert info["latency"] == [{"below_ns": 2048, "exits": 109},
                               {"below_ns": 2097152, "exits": 1}]
    text = guest.ok("info", "red").splitlines()
    assert "exits            220" in text
    assert "  hypercall      200" in text and "  hlt            20" in text
    assert "          2.0 us 218" in text
    assert not any("cpuid" in line for line in text)


def test_info_of_a_core_that_does_not_count(guest):
    """As before, without counters."""
    guest.ok("info", "0")
    step = next(s.split()[0] for s in guest.steps() if s.endswith(" stats"))
    for arguments in (["info", "0"], ["info", "0", "--json"]):
        text = guest.ok(*arguments, CASEMATE_FAKE_FAIL=f"{step}:38")
        assert "hypercalls" in text and "exits" not in text


def test_top_json(guest):
    guest.ok("create", "guest.cfg")
    top = guest.json("top", "-d", "0.2")
    seconds = top["interval_ns"] / 1e9
    assert 0.19 < seconds < 5
    dom0, red = top["domains"]
    assert (dom0["domid"], red["name"]) == (0, "red")
    assert red["label"] == "guest_t@secret:crypto" and red["state"] == "running"
    assert red["exits_per_s"]["hypercall"] * seconds == pytest.approx(100)
    assert red["exits_per_s"]["hlt"] * seconds == pytest.approx(10)
    assert red["exits_per_s"]["io"] == 0
    assert red["p99_ns"] == 2048


def test_top_text(guest):
    guest.ok("create", "guest.cfg")
    text = guest.ok("top", "-n", "3", "-d", "0.1")
    heads = re.findall(r"^\S+ \S+  2 domains, over 0\.\d s$", text, re.M)
    assert len(heads) == 3 and "\033" not in text
    words = re.search(r"^   1  red .*$", text, re.M)[0].split()
    names = re.search(r"^  id  name .*$", text, re.M)[0].replace("cpu %", "cpu")
    names = names.replace("p99 us", "p99").split()
    row = dict(zip(names, words))
    assert row["label"] == "guest_t@secret:crypto" and row["vcpus"] == "2"
    assert float(row["hcall"]) > 10 * float(row["irq"]) >= 0
    assert row["p99"] == "2.0" and row["denials"] == "0"


def test_top_once_without_a_terminal(guest):
    assert guest.ok("top", "-d", "0.1").count("domains, over") == 1


def test_top_new_domain(guest):
    """A domain that comes between two looks has done nothing yet; one that
    went is no longer there."""
    guest.ok("create", "guest.cfg")
    watcher = guest.start("top", "--json", "-d", "1.5", "-n", "2")
    wait_for(lambda: [s for s in guest.steps() if s.endswith(" stats")])
    time.sleep(0.3)
    guest.ok("destroy", "red")
    guest.write(name='"blue"')
    guest.ok("create", "guest.cfg")
    text = watcher.communicate(timeout=30)[0]
    first = json.JSONDecoder().raw_decode(text)[0]["domains"]
    assert [d["name"] for d in first] == ["Domain-0", "blue"]
    assert first[1]["exits_per_s"]["hypercall"] == 0
    assert first[1]["cpu_percent"] == 0 and first[1]["p99_ns"] == 0


def test_top_says_what_is_wrong(guest):
    assert "does not know this call" in guest.error("top", CASEMATE_FAKE_FAIL="3:38")
    for wrong in (["-d", "0"], ["-d", "x"], ["-d", "nan"], ["-n", "0"],
                  ["-n", "-1"], ["-n"], ["red"]):
        assert guest.run("top", *wrong).returncode == 2, wrong


class Terminal:
    """top on a terminal of its own."""

    def __init__(self, guest):
        self.text = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(guest.env, TERM="vt100")
            os.execv(CASEMATE, ["casemate", "top", "-d", "0.2"])

    def expect(self, pattern, count=1):
        end = time.monotonic() + 20
        while len(re.findall(pattern, self.text)) < count:
            assert time.monotonic() < end, self.text
            if select.select([self.fd], [], [], 0.2)[0]:
                self.text += os.read(self.fd, 65536).decode()

    def leave(self, key):
        os.write(self.fd, key)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise AssertionError("top does not leave")


@pytest.mark.parametrize("key", (b"q", b"\x03"))
def test_top_on_a_terminal(guest, key):
    terminal = Terminal(guest)
    terminal.expect(r"\033\[H\033\[J[^\n]*q leaves", 3)
    assert terminal.leave(key) == 0


def bundle(path):
    """{file: content} of an archive with one directory."""
    with tarfile.open(path) as tar:
        files = [m for m in tar.getmembers() if m.isfile()]
        assert {os.path.dirname(m.name) for m in files} == {
            re.sub(r"/.*", "", files[0].name)}
        return {os.path.basename(m.name): tar.extractfile(m).read().decode()
                for m in files}


def test_debug_bundle(guest):
    guest.ok("create", "guest.cfg")
    guest.poke("audit 3")
    (guest.fake / "hypervisor.log").write_text("the core's words\n")
    data = guest.fake / "xs/local/domain/1/data"
    (data / "@value").write_text("the guest's secret")
    (data / "secret-name").mkdir()
    (guest.path / "tmp").mkdir()
    out = guest.ok("debug", "bug.tar.gz", TMPDIR=guest.path / "tmp")
    assert out.startswith("wrote bug.tar.gz: ") and "no guest's memory" in out
    assert list((guest.path / "tmp").iterdir()) == []
    archive = guest.path / "bug.tar.gz"
    assert archive.stat().st_mode & 0o777 == 0o600
    files = bundle(archive)
    assert {"README", "version.json", "list.json", "info-0.json", "info-1.json",
            "labels.json", "audit.jsonl", "xenstore.txt", "dmesg.txt",
            "core.log", "keeper-red.log", "errors.txt"} == set(files)
    assert json.loads(files["version.json"])["policy"] == "fake"
    assert [d["name"] for d in json.loads(files["list.json"])] == [
        "Domain-0", "red"]
    assert json.loads(files["info-1.json"])["exits"]["hypercall"] > 0
    assert len(files["audit.jsonl"].splitlines()) == 3
    assert files["core.log"] == "the core's words\n"
    assert '/local/domain/1/name = "red"' in files["xenstore.txt"]
    assert "data (a guest may write it: left out)" in files["xenstore.txt"]
    assert "secret" not in files["xenstore.txt"].replace("secret:crypto", "")
    assert "Look through it" in files["README"]
    for name in set(files) - {"README", "errors.txt"}:
        stem = re.sub(r"-red\.", "-*.", re.sub(r"-\d+\.", "-N.", name))
        assert stem in files["README"], name


def test_debug_says_what_is_missing(guest):
    done = guest.json("debug", "b.tar", CASEMATE_FAKE_NO_STORE=1)
    assert done["file"] == "b.tar" and done["incomplete"] >= 1
    with tarfile.open(guest.path / "b.tar", "r:") as tar:
        assert any(name.endswith("/list.json") for name in tar.getnames())
    files = bundle(guest.path / "b.tar")
    assert files["xenstore.txt"] == ""
    assert "xenstored does not answer" in files["errors.txt"]


def test_debug_default_name(guest):
    name = guest.json("debug")["file"]
    assert re.fullmatch(r"casemate-debug-\d{8}T\d{6}\.tar\.gz", name)
    assert "version.json" in bundle(guest.path / name)


def test_debug_does_not_overwrite(guest):
    (guest.path / "mine").write_text("mine")
    assert "does not exist yet" in guest.error("debug", "mine")
    assert (guest.path / "mine").read_text() == "mine"
    assert "cannot make" in guest.error("debug", "none/b.tar")
    assert "cannot make" in guest.error("debug", "b.tar", TMPDIR="/nowhere")
    assert not (guest.path / "b.tar").exists()
    assert guest.run("debug", "a", "b").returncode == 2
