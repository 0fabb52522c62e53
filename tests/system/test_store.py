# SPDX-License-Identifier: Apache-2.0
"""xenstored killed: guests keep running, and the loss is reported."""


def test_store_killed(boot):
    case = boot()
    case.ready()
    case.create("guest")
    case.must(
        "tty=$(xenstore-read /local/domain/1/console/tty); echo $tty >/tmp/tty"
    )
    case.must("kill -9 $(cat /run/xenstored.pid); sleep 1")
    # The guest still answers on its console, and the core still lists it.
    case.must("echo 7 echo still-$((40 + 2)) >$(cat /tmp/tty)")
    case.until("cat /var/log/xen/console/guest-guest.log", "still-42")
    case.until("cat /var/log/casemate/guest.log", "xenstored went away")
    listed = case.json("casemate list --json")
    assert {d["domid"] for d in listed} >= {0, 1}
    # What needs the store says so at once, and leaves nothing.
    free = case.free_frames()
    path = case.config("late")
    case.fails(f"casemate create {path}", "xenstored does not answer", "start it")
    assert case.free_frames() == free
    # Ending a guest does not need it: all its memory comes back but the page
    # that xenconsoled maps, which without the store does not learn of the end.
    case.must("casemate destroy 1")
    left = [d for d in case.json("casemate list --json") if d["domid"]]
    assert all(d["state"] == "dying" and d["frames"] <= 2 for d in left), left
    case.must("kill $(cat /run/xenconsoled.pid)")
    case.until("casemate list | wc -l", "^2$")
    assert case.poweroff() == 0


def test_store_is_private(dom0):
    """A guest lists and reads what is its own, and nothing above or beside."""
    dom0.create("guest")
    dom0.create("other")
    other = dom0.json("casemate info --json other")["domid"]
    own = dom0.json("casemate info --json guest")["domid"]
    for path in ("/", "/local", "/local/domain", f"/local/domain/{other}"):
        status, output = dom0.run(f"guest-run guest 'xenstore-ls {path}'")
        assert "other" not in output and f"{other} =" not in output, output
        assert status != 0, f"{path}: {output}"
    status, _ = dom0.run(f"guest-run guest 'xenstore-read /local/domain/{other}/name'")
    assert status != 0
    assert dom0.must("guest-run guest 'xenstore-read name'").strip() == "guest"
    path = f"/local/domain/{own}/name"
    assert dom0.must(f"guest-run guest 'xenstore-read {path}'").strip() == "guest"
    # Where it may write, it still can; dom0 sees all.
    dom0.must("guest-run guest 'xenstore-write data/mine 7'")
    assert dom0.must(f"xenstore-read /local/domain/{own}/data/mine").strip() == "7"
    assert str(other) in dom0.must("xenstore-list /local/domain").split()
