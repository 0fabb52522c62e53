# SPDX-License-Identifier: Apache-2.0
"""Another policy at run time, on the real core with Debian guests: what is
refused changes nothing, what is loaded cuts what it forbids, and the guests
go on running."""

import base64
import os
import subprocess

import pytest

import machine
from cases import GUEST_BOOT, MODULES

POLICY = os.path.join(machine.BUILD, "casemate-policy")
SOURCE = os.path.join(machine.TOP, "policy", "examples", "test.pol")
PEERS = """allow red_t red_t :
	event { offer bind send status close }
	grant { map_ro map_rw copy_from copy_to }
"""
BYTES = 500_000_000  # more than can be exchanged in a test


def tool(*words):
    done = subprocess.run(
        [POLICY, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


class Signed:
    """Policies made of test.pol, signed by one key."""

    def __init__(self, directory):
        self.directory = directory
        self.key = os.path.join(directory, "key")
        self.public = tool("keygen", self.key, "--height", "5")

    def make(self, version, *changes, key=None, name="test"):
        with open(SOURCE, encoding="ascii") as f:
            text = f.read()
        changes = (('policy "test" version 1', f'policy "{name}" version {version}'),
                   *changes)
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = os.path.join(self.directory, "p.pol")
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        tool("compile", path, "-o", path + ".plain")
        tool("sign", key or self.key, path + ".plain", "-o", path + ".img")
        with open(path + ".img", "rb") as f:
            return f.read()


def put(case, data, path="/tmp/next.img"):
    """A file in dom0, through its console: a line there has 4,095 bytes."""
    text = base64.b64encode(data).decode()
    case.must(f": >{path}.b64")
    for at in range(0, len(text), 3000):
        case.must(f"echo {text[at:at + 3000]} >>{path}.b64")
    case.must(f"base64 -d <{path}.b64 >{path}")
    return path


def load(case, data):
    return case.json(f"casemate policy load --json {put(case, data)}")


def version(case):
    return case.json("casemate version --json")["policy_version"]


def events(case, kind):
    lines = case.must("casemate audit").splitlines()
    return [line for line in lines if f" {kind}: " in line]


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    return Signed(str(tmp_path_factory.mktemp("policies")))


@pytest.fixture
def box(boot, signed, tmp_path):
    """A machine whose core knows the key, and counts."""
    first = str(tmp_path / "first.img")
    with open(first, "wb") as f:
        f.write(signed.make(1))
    line = f"{machine.CORE_LINE} coverage policy-key={signed.public}"
    case = boot(modules={**MODULES, "policy": first}, core_line=line)
    case.ready()
    return case


def test_without_a_key(dom0, signed):
    """No key, no load: dom0 alone cannot change the policy."""
    put(dom0, signed.make(2))
    dom0.fails("casemate policy load /tmp/next.img", "policy-key")
    assert "policy-key" in events(dom0, "refused")[-1]
    assert version(dom0) == 1


def test_unsigned_at_start(boot, signed):
    line = f"{machine.CORE_LINE} policy-key={signed.public}"
    boot(core_line=line).refuses("policy refused: it must come with")


def test_bad_key_option(boot):
    line = f"{machine.CORE_LINE} policy-key=0123"
    boot(core_line=line).refuses("policy-key= must be")


def test_refused(box, signed):
    """Each with its reason, on record; the policy in force stays."""
    other = os.path.join(signed.directory, "other")
    tool("keygen", other, "--height", "5")
    good = signed.make(2)
    flipped = bytearray(good)
    flipped[600] ^= 1
    for data, word in (
        (signed.make(2, key=other), "not by its policy-key"),
        (bytes(flipped), "not by its policy-key"),
        (good[:-1], "not as long"),
        (good + b"x", "not as long"),
        (good[:200], "not as long"),
        (b"", "not as long"),
        (signed.make(1), "not above"),
        (signed.make(0), "not above"),
    ):
        put(box, data)
        box.fails("casemate policy load /tmp/next.img", word)
        assert word in events(box, "refused")[-1]
        assert version(box) == 1
    box.fails("casemate policy load /tmp/none", "No such file")
    # A label that a running domain carries may not go.
    box.create("guest")
    gone = signed.make(
        3,
        ("label red_t@secret:crypto\n", "label red_t@secret\n"),
    )
    put(box, gone)
    box.fails("casemate policy load /tmp/next.img", "lacks the label", "guest")
    assert version(box) == 1
    assert box.must("guest-run guest echo alive").strip() == "alive"
    box.must("casemate destroy guest")
    assert load(box, gone)["version"] == 3


def test_live_channel(box, signed):
    """Two guests in the middle of a transfer; the rule between them goes, then
    comes back."""
    box.create("red")
    box.create("red2")
    box.create("black", label="black_t@unclassified")
    red, red2 = (box.json(f"casemate info --json {n}")["domid"] for n in ("red", "red2"))
    path = f"/local/domain/{red}/data/vchan"
    serve = f"guest-vchan serve {red2} {path} {BYTES} >/tmp/vchan 2>&1 &"
    box.must(f"guest-run red '{serve}'")
    talk = f"guest-vchan connect {red} {path} {BYTES} >/tmp/vchan 2>&1 &"
    box.must(f"guest-run red2 '{talk}'")
    box.until("guest-run red2 cat /tmp/vchan", "vchan-connect.*done")
    answer = load(box, signed.make(2, (PEERS, "")))
    assert answer["revoked_grants"] >= 2 and answer["revoked_ports"] == 1, answer
    revoked = events(box, "revoked")
    assert len(revoked) == answer["revoked_grants"] + answer["revoked_ports"]
    assert all("red_t@secret:crypto" in line for line in revoked)
    assert any("grant.map_rw revoked" in line for line in revoked)
    assert any("event.bind revoked" in line for line in revoked)
    assert "a new policy is in force" in events(box, "loaded")[-1]
    # The transfer ends with an error; the guests go on, dom0's rings too.
    box.until("guest-run red2 cat /tmp/vchan", "VCHAN failed")
    for name in ("red", "red2", "black"):
        assert box.must(f"guest-run {name} xenstore-read name").strip() == name
    again = f"guest-vchan connect {red} {path} 64"
    assert box.run(f"guest-run red2 '{again}'")[0] != 0
    box.run("guest-run red 'killall guest-vchan'")
    # With the rule back a new channel works.
    assert load(box, signed.make(3))["revoked_grants"] == 0
    box.must(f"guest-run red 'guest-vchan serve {red2} {path} 65536 >/tmp/v2 2>&1 &'")
    output = box.must(f"guest-run red2 'guest-vchan connect {red} {path} 65536'")
    assert "received=65536" in output and " ok" in output
    # Everything the guests held comes back.
    for name in ("red", "red2", "black"):
        box.must(f"casemate destroy {name}")
    assert box.names() == {"Domain-0"}


def test_labels_move(box, signed):
    """A label more, that comes first: every number changes, no domain's label."""
    box.create("red")
    before = box.json("casemate info --json red")["label"]
    load(box, signed.make(
        2, ("type black_t domain", "type aaa_t domain\ntype black_t domain"),
        ("label black_t@", "label aaa_t@secret\nlabel black_t@"),
        name="more"))
    assert box.json("casemate info --json red")["label"] == before
    assert box.must("guest-run red echo alive").strip() == "alive"
    box.create("red2")
    assert box.json("casemate version --json")["policy"] == "more"


def test_coverage(box, signed):
    """What dom0 did shows, what it did not do does not; loading starts anew."""
    box.must(f"casemate create {box.config('red')}", GUEST_BOOT)
    box.must("casemate pause red")
    lines = box.must("casemate policy coverage").splitlines()
    domain = [l for l in lines if l.startswith("dom0_t red_t : domain")]
    assert len(domain) == 1 and "pause" in domain[0] and "destroy" not in domain[0]
    answer = box.json("casemate policy coverage --json")
    assert (answer["policy"], answer["version"]) == ("test", 1)
    load(box, signed.make(2))
    lines = box.must("casemate policy coverage").splitlines()
    assert not [l for l in lines if "red_t : domain" in l and "create" in l]


def test_coverage_is_not_counted(dom0):
    dom0.fails("casemate policy coverage", "option `coverage`")
