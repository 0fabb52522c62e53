# SPDX-License-Identifier: Apache-2.0
"""A guest's life after create: its keeper, shutdown, audit, labels."""
import json

from conftest import wait_for

POWEROFF, REBOOT, CRASH = 0, 1, 3


def test_poweroff_destroys(guest):
    guest.ok("create", "guest.cfg")
    guest.poke(f"shutdown 1 {POWEROFF}")
    wait_for(lambda: guest.keepers() == [])
    assert guest.domains() == [] and guest.remains() == []
    assert "it powered off" in guest.log()


def test_crash_destroys_or_preserves(guest):
    guest.ok("create", "guest.cfg")
    guest.poke(f"shutdown 1 {CRASH}")
    wait_for(lambda: guest.domains() == [])
    guest.write(on_crash='"preserve"')
    guest.ok("create", "guest.cfg")
    guest.poke(f"shutdown 1 {CRASH}")
    wait_for(lambda: guest.keepers() == [])
    assert guest.domains()[0]["shutdown_reason"] == "crash"
    guest.ok("destroy", "red")
    assert guest.remains() == []


def test_reboot_creates_again(guest):
    first = guest.json("create", "guest.cfg")
    before = guest.domains()[0]["created_ns"]
    guest.poke(f"shutdown 1 {REBOOT}")
    wait_for(lambda: any(d["created_ns"] != before and
                         d["state"] == "running" for d in guest.domains()))
    assert guest.domains()[0]["digest"] == first["digest"]
    assert "creating it again" in guest.log()
    guest.ok("destroy", "red")
    wait_for(lambda: guest.keepers() == [])


def test_xenstored_dies_under_a_keeper(guest):
    guest.ok("create", "guest.cfg")
    dead = guest.fake / "store-is-dead"
    dead.touch()
    wait_for(lambda: "xenstored went away; domain 1 goes on" in guest.log())
    assert guest.domains()[0]["state"] == "running"
    dead.unlink()
    guest.poke(f"shutdown 1 {POWEROFF}")
    wait_for(lambda: guest.keepers() == [])
    assert guest.domains() == [] and guest.remains() == []


def test_shutdown_asks_and_waits(guest):
    guest.ok("create", "guest.cfg")
    guest.ok("shutdown", "red")
    value = guest.fake / "xs/local/domain/1/control/shutdown/@value"
    assert value.read_text() == "poweroff"
    guest.ok("shutdown", "--reboot", "1")
    assert value.read_text() == "reboot"
    waiter = guest.start("shutdown", "-w", "red")
    wait_for(lambda: value.read_text() == "poweroff")
    guest.poke(f"shutdown 1 {POWEROFF}")
    assert "shut down" in waiter.communicate(timeout=20)[0]
    assert waiter.returncode == 0
    assert "own poweroff" in guest.error("shutdown", "0")


def test_audit_lines(guest):
    guest.poke("audit 3")
    guest.ok("list")
    lines = guest.ok("audit").splitlines()
    assert len(lines) == 3
    assert " #1 dom1 (guest_t@unclassified) -> core " in lines[1]
    assert "event.bind denied: read up:" in lines[1]
    assert "event_channel_op/bind_interdomain" in lines[1]
    assert guest.ok("audit", "--since", "2").count("\n") == 1
    record = json.loads(guest.ok("audit", "--json").splitlines()[0])
    assert record["class"] == "event" and record["permission"] == "bind"
    assert record["subject"] == {"domid": 0, "label": "guest_t@unclassified"}


def test_audit_reports_lost_records(guest):
    guest.poke("audit 1030")
    lines = guest.ok("audit").splitlines()
    assert lines[0] == "-- 6 records lost: the ring overwrote them --"
    assert len(lines) == 1025


def test_audit_follows(guest):
    follower = guest.start("audit", "-f")
    guest.poke("audit 1")
    assert "#0 " in follower.stdout.readline()
    guest.poke("audit 1")
    assert "#1 " in follower.stdout.readline()
    follower.terminate()
    follower.communicate()


def test_labels_and_version(guest):
    names = [l["name"] for l in guest.json("labels") if l["domain"]]
    assert "guest_t@secret" in names and "core_t@low" not in names
    assert "guest_t@secret" in guest.ok("labels")
    assert guest.json("version")["policy"] == "fake"
    assert "casemate" in guest.ok("version")


def test_unknown_domain(guest):
    for command in ("info", "pause", "unpause", "shutdown", "console"):
        assert "no domain is named 'blue'" in guest.error(command, "blue")
        assert "no such domain" in guest.error(command, "7")


def test_list_text(guest):
    guest.ok("create", "guest.cfg")
    lines = guest.ok("list").splitlines()
    assert lines[0].split()[:3] == ["id", "name", "state"]
    assert lines[2].split()[:3] == ["1", "red", "running"]
