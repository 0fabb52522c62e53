# SPDX-License-Identifier: Apache-2.0
"""create and destroy: all or nothing, whatever fails and whoever is killed."""
import os
import signal

import pytest

from conftest import wait_for

EIO, ENOMEM = 5, 12


def nothing_left(guest):
    return guest.domains() == [] and guest.remains() == []


def key(guest, path, file="@value"):
    return (guest.fake / "xs" / "local" / "domain" / path / file).read_text()


def test_what_of_its_keys_a_guest_may_write(guest):
    """r: reads; n first: owns. xenstored hands permissions down by itself."""
    guest.ok("create", "guest.cfg")
    for path in ("", "/name", "/control", "/console/ring-ref", "/memory",
                 "/control/platform-feature-xs_reset_watches"):
        assert key(guest, f"1{path}", "@perms").split() == ["n0", "r1"], path
    for path in ("/data", "/device", "/control/shutdown", "/attr"):
        assert key(guest, f"1{path}", "@perms").split() == ["n1"], path


def test_create_and_destroy(guest):
    free = guest.free_frames()
    made = guest.json("create", "guest.cfg")
    assert made["name"] == "red" and made["domid"] == 1
    assert guest.domains()[0]["state"] == "running"
    assert key(guest, "1/store/ring-ref") == str(0xfeffc)
    assert key(guest, "1/console/ring-ref") == str(0xfefff)
    assert key(guest, "1/memory/target") == key(guest, "1/memory/static-max")
    assert guest.free_frames() == free - 2049
    guest.ok("destroy", "red")
    assert nothing_left(guest) and guest.free_frames() == free
    wait_for(lambda: guest.keepers() == [])


def test_paused(guest):
    guest.ok("create", "--paused", "guest.cfg")
    assert guest.json("info", "1")["state"] == "paused"
    guest.ok("unpause", "red")
    assert guest.json("info", "red")["state"] == "running"
    guest.ok("pause", "red")
    assert guest.json("info", "red")["paused"]


def test_name_is_taken(guest):
    guest.ok("create", "guest.cfg")
    assert "exists (domain 1)" in guest.error("create", "guest.cfg")
    assert len(guest.domains()) == 1


def test_unknown_label_lists_near_names(guest):
    guest.write(label='"guest_t@secret:kripto"')
    text = guest.error("create", "guest.cfg")
    assert "near it: guest_t@secret:crypto, " in text
    assert "guest.cfg:7: label" in text
    assert nothing_left(guest)


def test_label_that_no_domain_may_carry(guest):
    guest.write(label='"core_t@low"')
    text = guest.error("create", "guest.cfg")
    assert "guest.cfg:7: label 'core_t@low'" in text
    assert "no domain may carry it" in text and "`casemate labels`" in text
    assert nothing_left(guest)


def test_out_of_memory_mid_create(guest):
    text = guest.error("create", "guest.cfg", CASEMATE_FAKE_FRAMES=1000)
    assert "1000 of 2048 pages" in text and "not enough free memory" in text
    assert nothing_left(guest) and guest.free_frames() == 1000


def test_bad_kernel_makes_no_domain(guest):
    guest.kernel = b"x" * 5000
    guest.write()
    guest.error("create", "guest.cfg")
    assert not any("create" in step for step in guest.steps())
    assert nothing_left(guest)


def count_steps(guest):
    guest.ok("create", "guest.cfg")
    count = len(guest.steps())
    guest.ok("destroy", "red")
    return count


def test_failure_of_every_step(guest):
    count = count_steps(guest)
    free = guest.free_frames()
    assert count > 50
    for step in range(1, count + 1):
        done = guest.run("create", "guest.cfg",
                         CASEMATE_FAKE_FAIL=f"{step}:{EIO}")
        if done.returncode == 0:
            # Looking for a domain of this name, or for old ones, may fail.
            guest.ok("destroy", "red")
        else:
            assert done.returncode == 1 and "casemate: " in done.stderr
        assert nothing_left(guest), step
        assert guest.free_frames() == free, step


def test_sigterm_at_every_step(guest):
    count = count_steps(guest)
    for step in range(1, count + 1, 3):
        done = guest.run("create", "guest.cfg",
                         CASEMATE_FAKE_SIGNAL=f"{step}:15")
        if done.returncode == 0:
            guest.ok("destroy", "red")
        assert done.returncode in (0, 128 + 15, -15), step
        wait_for(lambda: nothing_left(guest))


def test_sigkill_at_every_step(guest):
    """Either all of the guest is there, or the keeper removes all of it."""
    count = count_steps(guest)
    complete = 0
    for step in range(1, count + 1, 3):
        done = guest.run("create", "guest.cfg",
                         CASEMATE_FAKE_SIGNAL=f"{step}:9")
        assert done.returncode == -9, step

        def settled():
            left = guest.domains()
            return left == [] or left[0]["state"] == "running"
        wait_for(settled)
        if guest.domains():
            complete += 1
            guest.ok("destroy", "red")
        wait_for(lambda: nothing_left(guest))
    assert complete <= 1


def step_of(guest, name):
    """The number of the first step with this name in a create."""
    guest.ok("create", "guest.cfg")
    number = [i for i, s in enumerate(guest.steps()) if s.endswith(name)][0]
    guest.ok("destroy", "red")
    (guest.fake / "steps").unlink()
    return number + 1


def test_list_reaps_what_creator_and_keeper_left(guest):
    load = step_of(guest, " load")
    wait_for(lambda: guest.keepers() == [])
    creator = guest.start("create", "guest.cfg",
                          CASEMATE_FAKE_SIGNAL=f"{load}:19")
    wait_for(lambda: os.path.exists(f"/proc/{creator.pid}/stat") and
             open(f"/proc/{creator.pid}/stat").read().split()[2] == "T")
    # It is alive, if stopped: nobody takes its domain away.
    assert guest.domains()[0]["state"] == "building"
    guest.stop()
    wait_for(lambda: guest.keepers() == [])
    creator.send_signal(signal.SIGKILL)
    creator.communicate()
    done = guest.run("list")
    assert "left unfinished by a killed create; removed" in done.stderr
    assert nothing_left(guest)


@pytest.mark.parametrize("step", range(1, 9))
def test_destroy_killed_and_run_again(guest, step):
    guest.ok("create", "guest.cfg")
    guest.stop()
    guest.run("destroy", "red", CASEMATE_FAKE_SIGNAL=f"{step}:9")
    again = guest.run("destroy", "red")
    assert again.returncode == 0 or "no domain is named" in again.stderr
    assert nothing_left(guest)


def test_destroy_by_id_is_repeatable(guest):
    guest.ok("create", "guest.cfg")
    guest.ok("destroy", "1")
    guest.ok("destroy", "1")
    assert "no domain is named" in guest.error("destroy", "red")
    assert "domain 0 cannot" in guest.error("destroy", "0")


def test_dead_xenstored(guest):
    guest.ok("create", "guest.cfg")
    dead = {"CASEMATE_FAKE_NO_STORE": 1}
    guest.stop()
    for command in ("shutdown", "console"):
        text = guest.error(command, "red", **dead)
        assert "xenstored does not answer" in text and "start it" in text
    guest.ok("pause", "red", **dead)
    guest.ok("unpause", "1", **dead)
    assert guest.json("list", **dead)[1]["name"] == "red"
    guest.ok("info", "red", **dead)
    guest.ok("audit", **dead)
    done = guest.run("destroy", "red", **dead)
    assert done.returncode == 0 and "its keys are not" in done.stderr
    assert guest.remains() != []
    guest.ok("list")
    assert nothing_left(guest)
    text = guest.error("create", "guest.cfg", **dead)
    assert "xenstored does not answer" in text
    assert nothing_left(guest)


def test_stale_keys_do_not_survive(guest):
    stale = guest.fake / "xs" / "local" / "domain" / "1" / "device" / "vbd"
    stale.mkdir(parents=True)
    guest.ok("create", "guest.cfg")
    assert not stale.exists()
