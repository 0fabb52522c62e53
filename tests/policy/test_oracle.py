# SPDX-License-Identifier: Apache-2.0
"""The oracle: the core's decisions about the examples' and 1,000 random
policies are those of libsepol on the exported CIL, and SELinux's tools find
the same rules there. CASEMATE_ORACLE_COUNT: another number of policies."""
import concurrent.futures
import os
import re

import pytest
import setools

from conftest import EXAMPLES, ROOT, TOOL, compile_policy, make, run
from random_policy import random_policy
from test_peers import dumped_rules
from test_policy import Image

COUNT = int(os.environ.get("CASEMATE_ORACLE_COUNT", "1000"))
BATCH = 50
# libsepol does not free what it loads, so the leak checker cannot be there.
COMPARE = ROOT / "build/policy-compare"
COMPILER = ROOT / "build/casemate-policy"
REPORT = re.compile(r"^(\d+) decisions \((\d+) permitted\), (\d+) mismatches$",
                    re.M)


@pytest.fixture(scope="module", autouse=True)
def plain_tools():
    make(COMPARE, COMPILER)


def xen_binary(cil):
    """What FLASK would load; 30 is the newest version its format has."""
    binary = cil.with_suffix(".bin")
    done = run("secilc", "-t", "xen", "-c", "30", "-o", binary, "-f",
               "/dev/null", cil)
    assert done.returncode == 0, done.out + done.err
    return binary


def export(source):
    """Image and binary of a source; with its mode, if it has one."""
    image, cil = source.with_suffix(".img"), source.with_suffix(".cil")
    words = ["--mode", "more"] if "mode more" in source.read_text() else []
    done = run(COMPILER, "compile", source, "-o", image, "--cil", cil, *words)
    assert done.returncode == 0, done.err
    return image, xen_binary(cil)


def compare(pairs):
    done = run(COMPARE, *[path for pair in pairs for path in pair])
    assert done.returncode in (0, 1), done.err
    return done.out


def write_sources(place, seeds):
    for path in EXAMPLES if not seeds else ():
        copy = place / path.name
        copy.write_bytes(path.read_bytes())
        yield copy
    for seed in seeds:
        source = place / ("random-%d.pol" % seed)
        source.write_text(random_policy(seed))
        yield source


def compare_batch(place, seeds):
    """Without seeds, the examples."""
    return compare([export(s) for s in write_sources(place, seeds)])


def test_every_decision_equals_libsepol(tmp_path, record_property):
    batches = [()] + [range(first, min(first + BATCH, COUNT))
                      for first in range(0, COUNT, BATCH)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = list(pool.map(lambda seeds: compare_batch(tmp_path, seeds),
                                batches))
    totals = [sum(int(n) for n in column) for column in
              zip(*[REPORT.search(report).groups() for report in reports])]
    record_property("note", "oracle: {:,} policies, {:,} decisions "
                    "({:,} permitted), {} mismatches".format(
                        len(EXAMPLES) + COUNT, *totals))
    assert totals[2] == 0, "\n".join(r for r in reports if "different" in r)
    assert totals[1] > totals[0] // 1000


def test_random_policies_differ_and_have_every_statement():
    sources = [random_policy(seed) for seed in range(50)]
    assert sources == [random_policy(seed) for seed in range(50)]
    assert len(set(sources)) == len(sources)
    words = set(re.findall(r"^(\w+)", "\n".join(sources), re.M))
    assert words >= {"compartments", "range", "typeset", "vm", "device",
                     "allow", "ring", "use", "diode", "strict", "mode"}
    for part in ("trusted whole", " self :", " other ", "expect-dead", "..s"):
        assert any(part in text for text in sources), part


# ---- the oracle can fail

def flipped_rows(image):
    """The image with each bit of its rows flipped, one at a time."""
    good = image.read_bytes()
    parsed = Image(good)
    names_at = len(good) - (parsed.n_names + 7) // 8 * 8
    first = names_at - 64 - 64 * parsed.n_rows
    for bit in range(8 * (first + 64), 8 * (names_at - 64)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        yield bytes(bad)


@pytest.mark.parametrize("name", ["guard", "two-level", "random"])
def test_a_wrong_bit_is_found(name, monitor, tmp_path):
    """Every image with a wrong bit in a row that the core accepts."""
    source = tmp_path / "p.pol"
    source.write_text(
        random_policy(7) if name == "random" else
        (ROOT / "policy/examples" / (name + ".pol")).read_text())
    image, binary = export(source)
    pairs = []
    for n, bad in enumerate(flipped_rows(image)):
        if monitor(bad).error == 0:
            wrong = tmp_path / ("wrong-%d.img" % n)
            wrong.write_bytes(bad)
            pairs.append((wrong, binary))
    assert len(pairs) > 100
    report = compare(pairs)
    found = set(re.findall(r"^(\S+): \d+ mismatches", report, re.M))
    assert found == {str(wrong) for wrong, _ in pairs}


# ---- SETools on what FLASK would load

@pytest.fixture(scope="module", params=EXAMPLES, ids=lambda p: p.stem)
def example(request, tmp_path_factory):
    place = tmp_path_factory.mktemp(request.param.stem)
    image, cil = place / "p.img", place / "p.cil"
    compile_policy(request.param, image, cil)
    return image, xen_binary(cil)


def test_sesearch_by_type_pair(example):
    """The rules of each pair of types; sesearch is this library's query."""
    image, binary = example
    policy = setools.SELinuxPolicy(str(binary))
    rules = dumped_rules(image)
    types = {str(t) for t in policy.types()} - {"no-one"}
    for subject in sorted(types):
        for target in sorted(types):
            found = setools.TERuleQuery(policy, ruletype=["allow"],
                                        source=subject, target=target)
            assert {str(r.tclass): set(r.perms) for r in found.results()} == {
                cls: perms for (s, t, cls), perms in rules.items()
                if (s, t) == (subject, target)}, (subject, target)


def test_sesearch_by_permission(example):
    image, binary = example
    done = run("sesearch", "-A", "-c", "grant", "-p", "map_rw", binary)
    found = re.findall(r"^allow ([\w-]+) ([\w-]+):grant", done.out, re.M)
    assert found and sorted(found) == sorted(
        (s, t) for (s, t, cls), perms in dumped_rules(image).items()
        if cls == "grant" and "map_rw" in perms)


def test_seinfo_counts_the_same(example):
    image, binary = example
    text = run("seinfo", binary).out
    counts = {name: int(n) for name, n in
              re.findall(r"(\w[\w ]*):\s+(\d+)", text)}
    i = Image(image.read_bytes())
    assert "Target Policy:              xen" in text
    # Each type and its self, and one more: policy/lang/cil.c.
    assert counts["Types"] == 2 * i.n_types + 1
    assert counts["Allow"] == len(dumped_rules(image)) + 1
    assert (counts["Sensitivities"], counts["Categories"]) == (i.n_sens,
                                                               i.n_cats)
