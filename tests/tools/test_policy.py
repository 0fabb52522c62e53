# SPDX-License-Identifier: Apache-2.0
"""casemate policy load and coverage against a core made of files: what the core
answers, in words."""
import json

import pytest


@pytest.fixture
def image(guest):
    path = guest.path / "next.img"
    path.write_bytes(b"good" + bytes(5000))
    return str(path)


def test_loaded(guest, image):
    text = guest.ok("policy", "load", image)
    assert "undone: 3 grant mappings, 1 event channels" in text
    answer = guest.json("policy", "load", image)
    assert (answer["revoked_grants"], answer["revoked_ports"]) == (3, 1)


@pytest.mark.parametrize("outcome,words", [
    (1, "policy-key"), (2, "not as long"), (3, "not by its policy-key"),
    (4, "not above"), (5, "error 7"), (99, "?")])
def test_refused(guest, image, outcome, words):
    said = guest.error("policy", "load", image,
                       CASEMATE_FAKE_OUTCOME=str(outcome))
    assert words in said and "next.img" in said


def test_missing_labels_are_named(guest, image):
    guest.ok("create", "guest.cfg")
    said = guest.error("policy", "load", image, CASEMATE_FAKE_OUTCOME="6",
                       CASEMATE_FAKE_MISSING="0x22")
    assert "lacks the label of dom1 red, dom5" in said and "destroy" in said


def test_files(guest, image):
    assert "No such file" in guest.error("policy", "load", "/nowhere")
    with open(image, "wb") as f:
        f.write(bytes(48 * 4096 + 1))
    assert "too long" in guest.error("policy", "load", image)
    with open(image, "wb"):
        pass
    assert "not as long" in guest.error("policy", "load", image)


def test_coverage(guest):
    assert "option `coverage`" in guest.error("policy", "coverage")
    text = guest.ok("policy", "coverage", CASEMATE_FAKE_COVERAGE="1")
    assert text.splitlines() == ["dom0_t guest_t : event { offer }",
                                 "guest_t self : event { mask }"]
    answer = json.loads(guest.ok("policy", "coverage", "--json",
                                 CASEMATE_FAKE_COVERAGE="1"))
    assert answer["used"][0] == {
        "subject": "dom0_t", "object": "guest_t", "self": False,
        "class": "event", "permissions": ["offer"]}
    assert answer["used"][1]["self"]


def test_usage(guest):
    for words in (["policy"], ["policy", "frob"], ["policy", "load"],
                  ["policy", "coverage", "x"]):
        assert guest.run(*words).returncode == 2
    assert "policy load" in guest.ok("policy", "load", "--help")


def test_audit_events(guest):
    """Revocations and loads beside refusals."""
    guest.ok("create", "guest.cfg")
    guest.poke("audit 3")
    for cause, event, words in (("0x81", "revoked", "no rule allows it"),
                                ("0x82", "revoked", "read up"),
                                ("0x40", "loaded", "in force"),
                                ("0x41", "refused", "not above")):
        env = {"CASEMATE_FAKE_CAUSE": cause, "CASEMATE_FAKE_HYPERCALL": "4"}
        line = guest.ok("audit", **env).splitlines()[0]
        assert " %s: " % event in line and words in line, line
        assert "[policy_load, vcpu 0]" in line
        record = json.loads(guest.ok("audit", "--json", **env).splitlines()[0])
        assert record["event"] == event and words in record["cause"]
    plain = json.loads(guest.ok("audit", "--json",
                                CASEMATE_FAKE_CAUSE="1").splitlines()[0])
    assert plain["event"] == "denied"
