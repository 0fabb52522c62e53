# SPDX-License-Identifier: Apache-2.0
"""Debian guests on the real core: boot, processors, every way to end."""

import pytest

from cases import GUEST_BOOT


@pytest.mark.parametrize("vcpus", (1, 4))
def test_boots(dom0, vcpus):
    dom0.create("guest", vcpus=vcpus)
    output = dom0.must("guest-run guest 'nproc; uname -r; ls /dev/xen'")
    assert output.split()[0] == str(vcpus)
    assert "evtchn" in output and "gntdev" in output
    info = dom0.json("casemate info --json guest")
    assert info["state"] in ("running", "blocked")
    assert info["vcpus_online"] == vcpus


def test_time_and_store(dom0):
    """Wall clock, timers and xenstore from inside a guest."""
    dom0.create("guest")
    here = int(dom0.must("date +%s"))
    there = int(dom0.must("guest-run guest date +%s"))
    assert abs(there - here) < 60
    elapsed = dom0.must(
        "guest-run guest 'a=$(cut -d. -f1 /proc/uptime); sleep 3; "
        "echo $(($(cut -d. -f1 /proc/uptime) - a))'"
    )
    assert 3 <= int(elapsed) <= 6
    assert dom0.must("guest-run guest xenstore-read name").strip() == "guest"


def test_idle_guest_costs_little(dom0):
    dom0.create("guest")
    before = dom0.json("casemate info --json guest")["cpu_ns"]
    dom0.must("sleep 10", 60)
    used = dom0.json("casemate info --json guest")["cpu_ns"] - before
    assert used < 2_500_000_000, f"{used / 1e9:.1f} s of 10 s while idle"


def test_shutdown_from_dom0(dom0):
    free = dom0.free_frames()
    dom0.create("guest")
    dom0.must("casemate shutdown --wait guest", 120)
    assert "guest" not in dom0.names()
    assert dom0.free_frames() == free


def test_poweroff_inside(dom0):
    dom0.create("guest")
    dom0.run("LIMIT=5 guest-run guest poweroff -f", 60)
    dom0.until("cat /var/log/casemate/guest.log", r"domain [0-9]+: it powered off")
    dom0.until("casemate info guest 2>&1 || echo gone", "^gone")


def test_reboot(dom0):
    """The same guest file, a new domain."""
    dom0.create("guest")
    first = dom0.json("casemate info --json guest")
    dom0.run("LIMIT=5 guest-run guest reboot -f", 60)
    dom0.until(
        "casemate info --json guest | tr -d ' \\t\\n' | "
        f"grep -v '\"domid\":{first['domid']},'",
        '"state":"(running|blocked)"',
        120,
    )
    again = dom0.json("casemate info --json guest")
    assert again["domid"] != first["domid"]
    assert again["digest"] == first["digest"]


def test_crash_is_reported(dom0):
    dom0.create("guest", on_crash="preserve")
    dom0.run("LIMIT=5 guest-run guest 'echo c >/proc/sysrq-trigger'", 60)
    dom0.until("casemate info --json guest", '"crash')
    info = dom0.json("casemate info --json guest")
    assert (info["state"], info["shutdown_reason"]) == ("shutdown", "crash")


def test_crash_ends_it(dom0):
    """Without on_crash the memory comes back, and the log says why."""
    free = dom0.free_frames()
    dom0.create("guest")
    dom0.run("LIMIT=5 guest-run guest 'echo c >/proc/sysrq-trigger'", 60)
    dom0.until("cat /var/log/casemate/guest.log", r"domain [0-9]+: it crashed")
    dom0.until("casemate info guest 2>&1 || echo gone", "^gone")
    assert dom0.free_frames() == free


def test_pause(dom0):
    dom0.create("guest")
    dom0.must("casemate pause guest")
    assert dom0.json("casemate info --json guest")["paused"]
    status, _ = dom0.run("LIMIT=3 guest-run guest true", 60)
    assert status == 124, "a paused guest answered"
    dom0.must("casemate unpause guest")
    dom0.until("LIMIT=20 guest-run guest echo back-again", "back-again")


def test_destroy_returns_everything(dom0):
    free = dom0.free_frames()
    for name in ("one", "two"):
        dom0.must(f"casemate create {dom0.config(name)}", GUEST_BOOT)
    dom0.must("casemate destroy one")
    dom0.must("casemate destroy two")
    assert dom0.names() == {"Domain-0"}
    assert dom0.free_frames() == free


def test_killed_while_it_boots(dom0):
    free = dom0.free_frames()
    for _ in range(3):
        dom0.must(f"casemate create {dom0.config('guest', vcpus=4)}", GUEST_BOOT)
        dom0.must("sleep 1; casemate destroy guest")
    assert dom0.free_frames() == free
