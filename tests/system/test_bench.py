# SPDX-License-Identifier: Apache-2.0
"""What a call costs in executed instructions does not creep up.

The counts are exact under QEMU's -icount: the same core gives the same ones.
"""

import json
import os
import sys

import machine

sys.path.insert(0, os.path.join(machine.TOP, "tests", "bench"))
import measure  # noqa: E402 (found through the line above)
import table  # noqa: E402


def test_growth_is_seen():
    counts = {m.name: 1000 for m in table.MEASURES}
    assert table.grown({**counts, "cpuid": 1020}, counts) == []
    assert table.grown({**counts, "cpuid": 1021}, counts) != []


def test_counts(record_property):
    path = os.path.join(machine.TOP, "tests", "bench", "baseline.json")
    with open(path, encoding="ascii") as f:
        baseline = json.load(f)
    assert set(baseline) == {m.name for m in table.MEASURES}
    log = os.path.join(machine.BUILD, "test", "logs", "bench.log")
    os.makedirs(os.path.dirname(log), exist_ok=True)
    results = measure.calls(measure.Casemate(), log, True, "hold=1")
    counts = {m.name: results[m.name][0] for m in table.MEASURES}
    assert table.grown(counts, baseline) == []
    if better := table.shrunk(counts, baseline):
        words = "fewer instructions, commit them (tests/bench/run --quick --update)"
        record_property("note", f"{words}: {', '.join(better)}")
    # What a guest can make of its own memory, in pieces as well (test_hold.py).
    held = results["held"]
    assert set(held) == {"decrease", "increase", "decrease_64k", "increase_64k"}
    assert max(held.values()) <= measure.LONGEST_PIECE, held
