# SPDX-License-Identifier: Apache-2.0
"""Counters, top and the bundle for a bug report, on the real core."""

import json
import re

LATENCY_MAX_NS = 10e9  # no exit takes the core longer, emulated or not


def counters(dom0, name):
    info = dom0.json(f"casemate info --json {name}")
    exits = sum(info["exits"].values())
    handled = sum(bucket["exits"] for bucket in info["latency"])
    assert exits == handled > 0
    return info


def test_counters_tell_who_does_what(dom0):
    """A guest that halts, and dom0 meanwhile: each its own."""
    dom0.create("guest")
    before = counters(dom0, "guest")
    assert before["exits"]["hypercall"] >= before["hypercalls"] > 100
    assert before["exits"]["cpuid"] > 10 and before["exits"]["wrmsr"] > 2
    assert before["exits"]["triple"] == before["exits"]["broken"] == 0
    assert all(0 < b["below_ns"] < LATENCY_MAX_NS for b in before["latency"])
    # A thousand more hypercalls of dom0's are none of the guest's.
    dom0.must("casemate pause guest")
    mine, its = counters(dom0, "0"), counters(dom0, "guest")
    dom0.must("for i in $(seq 20); do casemate labels >/dev/null; done")
    more = counters(dom0, "0")["exits"]["hypercall"] - mine["exits"]["hypercall"]
    assert more > 200
    assert counters(dom0, "guest")["exits"] == its["exits"]
    dom0.must("casemate unpause guest; guest-run guest true")
    assert counters(dom0, "guest")["exits"]["hlt"] > its["exits"]["hlt"]


def test_counters_begin_at_zero(dom0):
    """They go with the domain."""
    path = dom0.config("guest")
    dom0.must(f"casemate create --paused {path}")
    info = dom0.json("casemate info --json guest")
    assert sum(info["exits"].values()) == 0 and info["latency"] == []


def test_top(dom0):
    dom0.create("guest")
    dom0.must("casemate pause guest")
    top = dom0.json("casemate top --json -d 1")
    assert 1e9 <= top["interval_ns"] < 60e9
    rows = {d["name"]: d for d in top["domains"]}
    assert set(rows) == {"Domain-0", "guest"}
    assert rows["guest"]["state"] == "paused"
    assert rows["guest"]["cpu_percent"] == 0
    assert sum(rows["guest"]["exits_per_s"].values()) == 0
    assert rows["Domain-0"]["exits_per_s"]["hypercall"] > 0
    assert 0 < rows["Domain-0"]["cpu_percent"] <= 210
    assert 0 < rows["Domain-0"]["p99_ns"] < LATENCY_MAX_NS
    text = dom0.must("casemate top -n 2 -d 0.5")
    assert text.count(" domains, over ") == 2
    row = re.search(r"^ +\d+  guest +paused .*", text, re.M)[0]
    assert row.rstrip().endswith("red_t@secret:crypto")


def test_debug_bundle(dom0):
    """Of what a guest writes to its console or its part of xenstore, nothing."""
    dom0.create("guest")
    domid = dom0.json("casemate info --json guest")["domid"]
    dom0.must("guest-run guest echo the-guests-own-words")
    dom0.must(f"xenstore-write /local/domain/{domid}/data/x the-guests-own-key")
    out = dom0.must("cd /tmp; casemate debug bug.tar.gz")
    assert "wrote bug.tar.gz" in out and "no guest's memory" in out
    dom0.must("mkdir -p /tmp/out; tar -xzf /tmp/bug.tar.gz -C /tmp/out")
    names = set(dom0.must("cd /tmp/out/*; ls").split())
    assert names == {
        *("README", "version.json", "list.json", "labels.json", "audit.jsonl"),
        *("info-0.json", f"info-{domid}.json", "xenstore.txt", "dmesg.txt"),
        *("keeper-guest.log", "errors.txt"),
    }
    errors = dom0.must("cat /tmp/out/*/errors.txt")
    assert errors == "", errors
    listed = json.loads(dom0.must("cat /tmp/out/*/list.json"))
    assert {d["name"] for d in listed} == {"Domain-0", "guest"}
    assert "Linux version" in dom0.must("cat /tmp/out/*/dmesg.txt")
    keys = dom0.must("cat /tmp/out/*/xenstore.txt")
    assert f'/local/domain/{domid}/name = "guest"' in keys
    assert f"/local/domain/{domid}/data (a guest may write it" in keys
    assert dom0.run("grep -r the-guests-own /tmp/out")[0] == 1
    dom0.must("rm -r /tmp/out /tmp/bug.tar.gz")
