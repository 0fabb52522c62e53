# SPDX-License-Identifier: Apache-2.0
"""Hostile guests, tests/attack/NAME/: each must leave the rest as it was.

NAME.cfg, if there is one, changes the guest file as in test_kernels.py, and
its comments say more:
    # victim = MIB                   a guest full of secrets is made and
                                     destroyed first
    # peers = NAME...                kernels that are started first
    # each = WORD...                 one guest for each word, which is the
                                     second one of its command line
    # alone = yes                    these one after the other, not at once
    # role = peer                    only runs as a peer of others
    # ends = poweroff|crash|never    how dom0 must see it end; one that never
                                     does is destroyed while it rages
    # bochs = WORD...                more of its command line on Bochs, which
                                     is slow (test_bochs.py)

A guest that attacks nobody, the bystander, runs all along, full of secrets.
After each attack, whatever became of it: dom0 answers, the bystander answers
and misses no secret, no frame is missing and no domain holds more than before.
That no secret got out is what the attacks themselves look for. All run in one
boot of dom0.
"""

import glob
import os
import re

import pytest

import machine
from cases import Case
from conftest import LOGS
from test_kernels import SMALL, check_end, settings

FOLDER = os.path.join(machine.TOP, "tests", "attack")
SECRETS = {"memory": 16, "label": "red_t@secret:crypto"}
HELPERS = {"bystander"}
arena = {"case": None, "asked": 0}


def option(name, key):
    path = os.path.join(FOLDER, name, name + ".cfg")
    if not os.path.exists(path):
        return ""
    with open(path, encoding="ascii") as f:
        found = re.search(rf"^# {key} = (.+)$", f.read(), re.M)
    return found[1] if found else ""


def attacks():
    """Every folder with a kernel that attacks by itself."""
    paths = glob.glob(os.path.join(FOLDER, "*", "*.c"))
    names = {os.path.basename(os.path.dirname(path)) for path in paths}
    return sorted(n for n in names - HELPERS if not option(n, "role"))


def start(case, name, word="", title=None):
    keys, peers, ends = settings(name, os.path.join(FOLDER, name), "attack")
    for peer in peers:
        start(case, peer)
    title = title or name
    keys["cmdline"] = f"{name} {word}".strip()
    path = case.config(title, **keys)
    return case.json(f"casemate create --json {path}")["domid"], ends


def ask(case, timeout=60):
    """The bystander answers and has all its secrets."""
    arena["asked"] += 1
    line = f"q{arena['asked']}"
    tty = "$(xenstore-read /local/domain/$(cat /tmp/bystander)/console/tty)"
    case.must(f"echo {line} >{tty}")
    log = "/var/log/xen/console/guest-bystander.log"
    output = case.until(f"cat {log}", f"^answer {line} ", timeout)
    assert f"answer {line} intact" in output, output


def frames(case):
    """What each domain holds, and what is free."""
    held = {d["name"]: d["frames"] for d in case.json("casemate list --json")}
    return held, case.free_frames()


@pytest.fixture
def hostile(request, tmp_path_factory):
    """The shared machine with the bystander in it; checked afterwards."""
    case = arena["case"]
    if case is None or not case.is_sane():
        if case:
            case.close()
        os.makedirs(LOGS, exist_ok=True)
        log = os.path.join(LOGS, f"attack-{request.node.name}.log".replace("/", "_"))
        case = Case(log, str(tmp_path_factory.mktemp("attack")))
        arena["case"] = case
        case.ready()
        path = case.config(
            "bystander", **{**SMALL, **SECRETS, "kernel": kernel("bystander")}
        )
        domid = case.json(f"casemate create --json {path}")["domid"]
        case.must(f"echo {domid} >/tmp/bystander")
        ask(case)
    before = frames(case)
    case.mark = len(case.text)
    yield case
    case.destroy_but("$(cat /tmp/bystander)")
    ask(case)
    assert frames(case) == before


def kernel(name):
    return f"/guests/attack/{name}.elf"


@pytest.fixture(scope="module", autouse=True)
def ended():
    yield
    if arena["case"]:
        arena["case"].close()
        arena["case"] = None


def victim(case, memory):
    """A guest full of secrets, and then no more."""
    keys = {**SMALL, **SECRETS, "memory": memory, "kernel": kernel("bystander")}
    case.must(f"casemate create {case.config('victim', **keys)}")
    case.until("cat /var/log/xen/console/guest-victim.log", "^filled")
    case.must("casemate destroy victim")


def verdict(case, title):
    """What it said, once it did, or ended without a word."""
    log = f"cat /var/log/xen/console/guest-{title}.log /var/log/casemate/{title}.log"
    try:
        output = case.until(log, "^(PASS|FAIL) .*|: it .* .reason", 90)
    except AssertionError:
        raise AssertionError(f"no verdict: {case.run(log)[1]}") from None
    return set(re.findall(r"^((?:PASS|FAIL) .*)\n", output.replace("\r", ""), re.M))


def finish(case, name, title, domid, ends):
    """It says that its claim holds, and ends as it must."""
    wanted = f"PASS {name} if it ends in {ends}" if ends else f"PASS {name}"
    said = verdict(case, title)
    assert said == {wanted}, said
    if ends == "never":
        ask(case)
        info = case.json(f"casemate info --json {domid}")
        assert info["state"] in ("running", "blocked"), info
        case.must(f"casemate destroy {domid}")
    else:
        check_end(case, title, domid, ends or "poweroff")


@pytest.mark.parametrize("name", attacks())
def test_attack(hostile, name):
    words = option(name, "each").split() or [""]
    if option(name, "victim"):
        victim(hostile, int(option(name, "victim")))
    # One at a time where each is a load, else all at once.
    groups = [[w] for w in words] if option(name, "alone") else [words]
    for group in groups:
        running = []
        for word in group:
            title = "-".join(filter(None, (name, word)))
            running.append((title, *start(hostile, name, word, title)))
        ask(hostile)  # while they rage
        for title, domid, ends in running:
            finish(hostile, name, title, domid, ends)
    failed, output = hostile.run("! grep FAIL /var/log/xen/console/guest-*.log")
    assert failed == 0, output
