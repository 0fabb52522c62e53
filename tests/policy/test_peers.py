# SPDX-License-Identifier: Apache-2.0
"""The core's decisions and the compiler's output, against SELinux's tools:
libsepol (every decision), seinfo and sesearch."""
import re

import pytest

from conftest import (COMPARE, POLICY, TOOL, class_table, compile_policy, run,
                      secilc)


def test_every_decision_equals_libsepol(built):
    done = run(COMPARE, built["image"], built["binary"])
    assert done.returncode == 0, done.out
    found = re.search(r"(\d+) decisions \((\d+) permitted\), 0 mismatches",
                      done.out)
    labels = len(re.findall(r"^label ", run(TOOL, "show",
                                            built["image"]).out, re.M))
    assert int(found[1]) == labels * (labels + 1) * 16 * 32
    assert int(found[2]) > 0 or built["source"].stem in ("minimal", "all")


# Each takes the CIL of test.pol and does one small wrong thing to it.
MUTANTS = {
    "a rule is missing": (r"\(allow red_t red_t \(event [^\n]*\n", ""),
    "a self rule is missing": (r"\(allow red_t red_t_self \(event [^\n]*\n",
                               ""),
    "a permission is missing": (r"(\(allow black_t red_t \(grant .*) push",
                                r"\1"),
    "a permission too many": (r"\(allow black_t red_t \(event \(bind",
                              "(allow black_t red_t (event (offer bind"),
    "self is another": (r"\(allow red_t red_t_self ", "(allow red_t red_t "),
    "reads are free": (r"\(mlsconstrain \(grant [^\n]*\) \(dom h1 l2\)\)\n",
                       ""),
    "writes are free":
        (r"\(mlsconstrain \(event [^\n]*\) \(domby l1 h2\)\)\n", ""),
    "strict is ignored": (r"\(mlsconstrain [^\n]*\(eq l1 l2\)\)\n", ""),
    "low for high": (r"\(dom h1 l2\)", "(dom l1 l2)"),
    "high for low": (r"\(domby l1 h2\)", "(domby l1 l2)"),
    "up for down": (r"\(domby l1 h2\)", "(dom l1 h2)"),
    "a read is a write":
        (r"(\(mlsconstrain \(grant \()map_ro ([^\n]*dom h1 l2)", r"\1\2"),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_comparison_can_fail(name, tmp_path):
    image, cil = tmp_path / "p.img", tmp_path / "p.cil"
    compile_policy(POLICY / "examples/test.pol", image, cil)
    pattern, wrong = MUTANTS[name]
    good = cil.read_text()
    bad = re.sub(pattern, wrong, good)
    assert bad != good
    cil.write_text(bad)
    secilc(cil, tmp_path / "p.bin")
    done = run(COMPARE, image, tmp_path / "p.bin")
    assert done.returncode == 1
    assert int(re.search(r"(\d+) mismatches", done.out)[1]) > 0
    assert done.out.startswith("different: ")


def test_a_changed_image_differs(tmp_path):
    """The other way round: the right CIL, an image of another policy."""
    source = (POLICY / "examples/two-level.pol").read_text()
    compile_policy(POLICY / "examples/two-level.pol", tmp_path / "p.img",
                   tmp_path / "p.cil")
    secilc(tmp_path / "p.cil", tmp_path / "p.bin")
    other = tmp_path / "other.pol"
    other.write_text(source.replace("grant { push }", "grant { query push }",
                                    1).replace("{ read status }", "{ read }"))
    compile_policy(other, tmp_path / "other.img")
    done = run(COMPARE, tmp_path / "other.img", tmp_path / "p.bin")
    assert done.returncode == 1 and "audit status" in done.out


def dumped_rules(image):
    """{(subject, object, class): permissions}, self as NAME_self."""
    rules = {}
    for subject, target, grants in re.findall(
            r"^allow (\w+) (\w+) :(.*)$", run(TOOL, "show", image).out, re.M):
        target = subject + "_self" if target == "self" else target
        for cls, perms in re.findall(r"(\w+) \{([^}]*)\}", grants):
            rules[subject, target, cls] = set(perms.split())
    return rules


def test_sesearch_sees_the_same_rules(built):
    done = run("sesearch", "-A", built["binary"])
    found = {}
    for subject, target, cls, perms in re.findall(
            r"^allow ([\w-]+) ([\w-]+):(\w+) ([^;]*);", done.out, re.M):
        if subject != "no-one":  # secilc wants one rule at least
            found[subject, target, cls] = set(perms.strip("{} ").split())
    assert found == dumped_rules(built["image"])


def test_seinfo_sees_the_same_names(built):
    text = run("seinfo", built["binary"], "-x", "-c").out
    found = {}
    for cls, perms in re.findall(r"^ *class (\w+)\n\{([^}]*)\}", text, re.M):
        found[cls] = set(perms.split())
    assert found == {cls: {p for p, _ in perms}
                     for cls, perms in class_table().items()}
    text = run("seinfo", built["binary"], "-t").out
    types = set(re.findall(r"^   ([\w-]+)$", text, re.M))
    dump = run(TOOL, "show", built["image"]).out
    names = set(re.findall(r"^type (\w+)", dump, re.M))
    assert types == names | {n + "_self" for n in names} | {"no-one"}
