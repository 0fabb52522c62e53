# SPDX-License-Identifier: Apache-2.0
"""Random calls, and ends in the middle of everything. The kernels are in
tests/attack (fuzz, churn), the programs for dom0 in tests/stress.

After each: the core is up, dom0 and the bystander answer, and all frames, all
of dom0's event channels and the bystander's account are what they were."""

import os
import re

import pytest

import conftest
import stress
from cases import Case

SAME = "test_a_t@secret"
arena = {"bench": None}


@pytest.fixture
def bench(request, tmp_path_factory):
    """The machine these tests share; a new one after a failure."""
    found = arena["bench"]
    if found is None:
        os.makedirs(conftest.LOGS, exist_ok=True)
        log = os.path.join(conftest.LOGS, f"stress-{request.node.name}.log")
        case = Case(log, str(tmp_path_factory.mktemp("stress")))
        case.ready()
        found = arena["bench"] = stress.Bench(case)
    found.case.mark = len(found.case.text)
    arena["bench"] = None  # until the test and what follows went well
    yield found
    if getattr(request.node, "has_failed", False):
        found.case.close()
        return
    try:
        found.clear()
        found.check_same()
    except BaseException:
        found.case.close()
        raise
    arena["bench"] = found


@pytest.fixture(scope="module", autouse=True)
def closed():
    yield
    if arena["bench"]:
        arena["bench"].case.close()
        arena["bench"] = None


def test_random_hypercalls(bench):
    """200,000 calls from eight processors of four guests, whose numbers are
    side by side; `make soak` does more."""
    sums = stress.fuzz(bench, 200_000, seed=1, limit=240)
    assert sums["calls"] == 200_000
    # It is not only refused: what it does is near enough to the real thing.
    assert sums["ok"] > 60_000 and sums["refused"] > 5_000, sums
    assert min(sums[key] for key in ("mapped", "unmapped", "copied")) > 500, sums


def test_random_control(bench):
    """The same of the control interface, by three threads in dom0."""
    good = stress.fuzz_control(bench, 20_000, seed=1)
    # A policy is answered, with a refusal: there is no key. Nothing is counted.
    assert all(good[:13]) and not any(good[13:]), good


def test_destroyed_while_made(bench):
    """In the middle of populating and of loading, and around the start, by
    three at once."""
    output = bench.case.must(f"dom0-race building {SAME}", 120)
    cut = dict(re.findall(r"^building: (\w+) takes .* short (\d+) of", output, re.M))
    assert int(cut["populate"]) > 0 and int(cut["load"]) > 0, output


def test_destroyed_in_each_state(bench):
    """What became of it on the way does not matter to who destroys it."""
    bench.start("started-paused", "churn", SAME, "spin", flags="--paused")
    for mode in ("spin", "block", "poll"):
        bench.start(mode, "churn", SAME, mode, vcpus=2)
        bench.console(mode, "churning", 60)
    bench.start("paused", "churn", SAME, "spin", vcpus=2)
    bench.case.must("casemate pause paused")
    bench.start("crashed", "../test/triple", SAME, on_crash="preserve")
    bench.case.until("casemate info --json crashed", '"crash')
    states = {
        "started-paused": "paused",
        "spin": "running",
        "block": "blocked",
        "poll": "blocked",
        "paused": "paused",
        "crashed": "shutdown",
    }
    for name, state in states.items():
        info = bench.info(name)
        seen = "paused" if info["paused"] else info["state"]
        assert seen == state, (name, info)
        bench.end(info["domid"])
    # Dying: who maps its pages and keeps its channels keeps it so.
    ids = [bench.start(f"hold{i}", "churn", SAME, "hold", vcpus=2) for i in range(3)]
    for i in range(3):
        bench.console(f"hold{i}", "churning", 60)
    bench.end(ids[0], ids[0], ids[1])
    bench.check_up()
    bench.end(*ids)


@pytest.mark.parametrize(
    "modes", (("grant", "copy"), ("event", "event"), ("memory", "timer")), ids="-".join
)
def test_destroyed_in_mid_operation(bench, modes):
    """Two on two processors each, busy with each other or with themselves;
    one ends, then both."""
    names = [f"{mode}{i}" for i, mode in enumerate(modes)]
    ids = [bench.start(n, "churn", SAME, m, vcpus=2) for n, m in zip(names, modes)]
    for name in names:
        bench.console(name, "churning", 60)
    bench.end(ids[0])
    bench.check_up()
    bench.end(ids[1])


def test_races_for_one_object(bench):
    """Two guests and dom0, each with two processors: the same grants, pages
    and ports are made, used and taken away by all of them, while one ends."""
    ids = [
        bench.start(f"race{i}", "churn", SAME, mode, vcpus=vcpus)
        for i, (mode, vcpus) in enumerate((("grant", 2), ("grant", 2), ("event", 1)))
    ]
    for i in range(3):
        bench.console(f"race{i}", "churning", 60)
    words = " ".join(map(str, ids))
    output = bench.case.must(
        f"dom0-race grab 5000 {words} & usleep 3500000; "
        f"dom0-race life {ids[0]}; dom0-race life {ids[2]}; wait",
        120,
    )
    found = re.search(r"^grab: mapped (\d+), bound (\d+)", output, re.M)
    assert found and int(found[1]) > 0 and int(found[2]) > 0, output
    bench.check_up()


def test_ends_on_four_processors(boot):
    """Guests come and go while others hold their pages and channels."""
    case = boot(cpus=4)
    case.ready()
    bench = stress.Bench(case)
    modes = ("hold", "grant", "event", "hold", "copy", "memory")
    for turn in range(2):
        ids = [
            bench.start(f"{mode}{turn}{i}", "churn", SAME, mode, vcpus=2 + i % 3)
            for i, mode in enumerate(modes)
        ]
        for i, mode in enumerate(modes):
            bench.console(f"{mode}{turn}{i}", "churning", 120)
        # Two at a time, by three threads each, those in the middle first.
        for pair in (ids[2:4], ids[:2], ids[4:]):
            bench.case.must(
                f"dom0-race destroy {pair[0]} & dom0-race destroy {pair[1]}; wait", 120
            )
        bench.check_up()
    bench.clear()
    bench.check_same()
