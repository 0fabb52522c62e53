# SPDX-License-Identifier: Apache-2.0
"""Every permission a guest can use, between guests of equal, lower, higher and
incomparable level, on the real core: what happens is what the compiler says.
tests/attack/matrix asks; `casemate-policy test` predicts."""

import json
import os
import re
import subprocess

import pytest

import machine
from test_kernels import SMALL

POLICY = os.path.join(machine.BUILD, "casemate-policy")
SOURCE = os.path.join(machine.TOP, "policy", "examples", "test.pol")
LEVELS = ("unclassified", "secret", "secret:crypto", "secret:sigint")
LABELS = [f"test_{x}_t@{level}" for level in LEVELS for x in "ab"]
KERNEL = "/guests/attack/matrix.elf"


def predicted(source):
    """{(subject, object, self, "class.permission"): permitted}"""
    output = subprocess.run(
        [POLICY, "test", source, "--json"], check=True, capture_output=True
    ).stdout
    return {
        (s, o, is_self, f"{cls}.{perm}"): decision == "permitted"
        for s, o, is_self, cls, perm, decision in json.loads(output)["rows"]
    }


def expect(prediction, subject, target, is_self, what):
    """A push stands in where only that is permitted."""
    cls, perms = what.split(".")
    return any(
        prediction[subject, target, is_self, f"{cls}.{perm}"]
        for perm in perms.split("|")
    )


@pytest.fixture(scope="module")
def seen(request, tmp_path_factory):
    """[(subject's number, object's number, "class.permission", permitted)] and
    the label of each number."""
    from cases import Case
    from conftest import LOGS

    os.makedirs(LOGS, exist_ok=True)
    case = Case(os.path.join(LOGS, "matrix.log"), str(tmp_path_factory.mktemp("m")))
    request.addfinalizer(case.close)
    case.ready()
    labels = {}
    for i, label in enumerate(LABELS):
        keys = {**SMALL, "label": label, "kernel": KERNEL, "cmdline": "matrix"}
        path = case.config(f"m{i}", **keys)
        made = case.json(f"casemate create --json --paused {path}")
        labels[made["domid"]] = label
    case.must("; ".join(f"casemate unpause {domid}" for domid in labels))
    lines = []
    for i, domid in enumerate(labels):
        log = f"cat /var/log/xen/console/guest-m{i}.log"
        case.until(log, "^(asked|FAIL .*)", 120)
        output = case.must(log).replace("\r", "")
        assert "FAIL" not in output, output
        found = re.findall(r"^M (\d+) (\S+) (\w+)$", output, re.M)
        assert found, output
        lines += [(domid, int(o), what, how == "permitted") for o, what, how in found]
    return lines, labels


def differences(seen, prediction):
    lines, labels = seen
    return [
        (labels[s], labels[o], what, is_permitted)
        for s, o, what, is_permitted in lines
        if expect(prediction, labels[s], labels[o], s == o, what) != is_permitted
    ]


def test_matrix(seen, record_property):
    lines, labels = seen
    assert {o for _, o, _, _ in lines} == set(labels)
    # each of them asked about each, also about itself
    assert len({(s, o) for s, o, _, _ in lines}) == len(labels) ** 2
    assert len({what for _, _, what, _ in lines}) >= 13
    different = differences(seen, predicted(SOURCE))
    note = f"matrix: {len(lines)} attempts, {len(different)} differ"
    record_property("note", note)
    assert not different, "\n".join(map(str, different[:20]))
    # both answers occur for most permissions
    both = {w for _, _, w, p in lines if p} & {w for _, _, w, p in lines if not p}
    assert len(both) >= 8, both


def test_another_policy_would_differ(seen, tmp_path):
    """Against the prediction of a policy with one rule less it is found out."""
    with open(SOURCE, encoding="ascii") as f:
        text = f.read()
    old = "grant { map_ro map_rw copy_from copy_to push query }\n\tmemory"
    assert text.count(old) == 1
    path = str(tmp_path / "p.pol")
    with open(path, "w", encoding="ascii") as f:
        f.write(text.replace(old, "grant { map_rw copy_from copy_to push query }\n\tmemory"))
    different = differences(seen, predicted(path))
    assert different and {what for _, _, what, _ in different} == {"grant.map_ro"}
