# SPDX-License-Identifier: Apache-2.0
"""Questions about a policy: flow, separation and its certificates, why, diff,
lint, report, test, coverage. Answers are compared with the monitor's own."""
import hashlib
import itertools
import json
import random
import re
import subprocess
import xml.etree.ElementTree as xml

import pytest

from conftest import BUILD, EXAMPLES, POLICY, TOOL, compile_policy, make, run

CERTIFICATE = BUILD / "casemate-certificate"
TWO = POLICY / "examples/two-level.pol"
GUARD = POLICY / "examples/guard.pol"
DOM0 = "dom0_t@unclassified..secret:crypto"
BLACK, RED = "black_t@unclassified", "red_t@secret:crypto"


@pytest.fixture(scope="module", autouse=True)
def checker():
    make("SAN=1", CERTIFICATE)


@pytest.fixture
def changed(tmp_path):
    """A copy of a source with something replaced."""
    def write(source, *changes, name="p.pol"):
        text = source.read_text()
        for old, new in changes:
            assert old in text, old
            text = text.replace(old, new)
        path = tmp_path / name
        path.write_text(text)
        return path
    return write


def answer(*words, status=0):
    done = run(TOOL, *words, "--json")
    assert done.returncode == status, done.err + done.out
    return json.loads(done.out)


# ---- the command line


def test_unknown_verbs_and_options():
    done = run(TOOL, "comple", TWO)
    assert done.returncode == 2 and "did you mean 'compile'" in done.err
    done = run(TOOL, "check", TWO, "--self")
    assert done.returncode == 2 and "no such option" in done.err
    assert run(TOOL, "diff", TWO).returncode == 2
    assert run(TOOL, "frobnicate").returncode == 2


VERBS = re.findall(r'^\t\{ "(\w+)",$', (POLICY / "tool/main.c").read_text(),
                   re.M)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_bad_files(verb, tmp_path):
    done = run(TOOL, verb, "--help")
    assert done.returncode == 0
    assert done.out.startswith("Usage: casemate-policy " + verb)
    assert "--json" in done.out
    assert "  %s " % verb in run(TOOL, "--help").out
    if verb == "keygen":
        return
    none = tmp_path / "none.pol"
    words = {"compile": ["-o", tmp_path / "o"], "separation": ["a", "b"],
             "why": ["a", "b", "event.bind"], "diff": [none],
             "coverage": [none], "verify": ["--key", "00"],
             "sign": [none, "-o", tmp_path / "o"]}.get(verb, [])
    done = run(TOOL, verb, none, *words)
    assert done.returncode == 2 and "none.pol" in done.err


def test_pages_name_every_verb():
    page = (POLICY.parent / "docs/man/casemate-policy.1").read_text()
    paper = (POLICY.parent / "docs/POLICY.md").read_text()
    assert len(VERBS) >= 16
    for verb in VERBS:
        assert "\n.B casemate-policy %s\n" % verb in page, verb
        assert "casemate-policy %s " % verb in paper, verb


# ---- flow


def flows(source):
    return {(f["from"], f["to"]): f for f in answer("flow", source)["flows"]}


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda p: p.stem)
def test_flow_is_what_the_monitor_permits(source, monitor, tmp_path):
    compile_policy(source, tmp_path / "p.img")
    m = monitor((tmp_path / "p.img").read_bytes())
    found = flows(source)
    chance = random.Random(1)
    pairs = [(a, b) for a in m.labels for b in m.labels if a != b]
    for a, b in chance.sample(pairs, min(len(pairs), 150)):
        is_flow = any(
            (way in "WB" and m.decide(a, b, cls, perm) == "permit") or
            (way in "RB" and m.decide(b, a, cls, perm) == "permit")
            for cls, perms in m.classes.items() for perm, way in perms)
        assert ((a, b) in found) == is_flow, (a, b)
    for (a, b), f in chance.sample(sorted(found.items()), 10):
        subject, target = (a, b) if f["subject"] == "from" else (b, a)
        assert m.decide(subject, target, f["class"],
                        f["permission"]) == "permit"
        line = source.read_text().splitlines()[f["line"] - 1]
        assert line.split()[0] in ("allow", "ring", "use", "diode", "vm")


def test_flow_text_names_places():
    out = run(TOOL, "flow", TWO).out
    assert "%s -> %s: %s has grant.push on %s, " % (BLACK, RED, BLACK,
                                                     RED) in out
    assert all(re.search(r"two-level\.pol:\d+:\d+$", line)
               for line in out.splitlines())


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda p: p.stem)
def test_pictures(source, tmp_path):
    svg = tmp_path / "p.svg"
    done = run(TOOL, "flow", source, "--format", "svg", "-o", svg)
    assert done.returncode == 0, done.err
    again = run(TOOL, "flow", source, "--format", "svg").out
    assert svg.read_text() == again  # the same bytes
    root = xml.fromstring(again)
    space = "{http://www.w3.org/2000/svg}"
    boxes = [r for r in root.iter(space + "rect")
             if r.get("class") in ("node", "trusted")]
    trusted = [r for r in boxes if r.get("class") == "trusted"]
    lanes = [r for r in root.iter(space + "rect")
             if r.get("class").startswith("lane")]
    levels = re.search(r"^levels (.*)$", source.read_text(), re.M)[1]
    assert len(lanes) == levels.count("<") + 1
    assert trusted and len({r.get("x") for r in boxes}) == len(boxes)
    width = int(root.get("width"))
    assert all(int(r.get("x")) + int(r.get("width")) <= width for r in boxes)
    assert len(list(root.iter(space + "path"))) > len(boxes) / 2
    dot = run(TOOL, "flow", source, "--format", "dot").out
    assert dot.startswith("digraph") and dot.count("[label=") == len(boxes)
    assert run(TOOL, "flow", source, "--format", "png").returncode == 2


def test_a_hundred_guests_are_one_box():
    svg = run(TOOL, "flow", POLICY / "examples/hundred-guests.pol",
              "--format", "svg").out
    assert "100 labels" in svg and svg.count("<rect") < 12


def dominates(a, b):
    """Of levels in words: 'secret:c1,c2', sensitivities low < high."""
    (x, _, c), (y, _, d) = a.partition(":"), b.partition(":")
    return x >= y and set(d.split(",")) - {""} <= set(c.split(","))


def ends(label):
    low, _, high = label.partition("@")[2].partition("..")
    return low, high or low


GROUPS = """policy "p" version 1
levels a_low < b_high
compartments %s
type d_t domain
type e_t domain
type g_t domain trusted b_high:c01 .. b_high:c01,c02 because "guard"
type o_t object
label o_t@a_low d_t@a_low g_t@b_high:c01..b_high:c01,c02
label %s
initial dom0 d_t@a_low
%s
allow d_t e_t : grant { push }
allow g_t d_t, e_t : grant { map_ro push }
allow g_t self : domain { self_info }
"""


def test_red_is_what_gets_down(tmp_path):
    """An arrow between many labels is red if one flow of it gets down, and
    black if none does, whichever labels come first."""
    cats = ["c%02d" % i for i in range(25)]
    source = tmp_path / "p.pol"
    source.write_text(GROUPS % (
        " ".join(cats), " ".join(
            ["d_t@b_high:" + c for c in cats] +
            ["d_t@b_high:c01,c02"] +
            ["e_t@b_high:" + c for c in cats[1:]]),
        "\n".join("initial %s o_t@a_low" % slot for slot in (
            "core_pub", "core_state", "policy", "audit", "console"))))
    root = xml.fromstring(run(TOOL, "flow", source, "--format", "svg").out)
    arrows = {}
    for path in root.iter("{http://www.w3.org/2000/svg}path"):
        title = path.find("{http://www.w3.org/2000/svg}title")
        if title is not None:
            pair = tuple(re.match(r"(\S+) -> (\S+): ", title.text).groups())
            arrows[pair] = path.get("class")
    wanted = {}
    group = lambda label: (label.split("@")[0], ends(label)[0].split(":")[0])
    for a, b in flows(source):
        key = group(a), group(b)
        is_down = not dominates(ends(b)[0], ends(a)[1])
        wanted[key] = wanted.get(key, False) or is_down
    assert {(group(a), group(b)): c == "down" for (a, b), c in
            arrows.items()} == wanted
    assert set(wanted.values()) == {True, False}
    for (a, b), colour in arrows.items():  # the example is as red as it
        assert (colour == "down") == (not dominates(ends(b)[0], ends(a)[1]))
    dot = run(TOOL, "flow", source, "--format", "dot").out
    assert dot.count(" -> ") == len(wanted)
    assert dot.count("[color=red]") == sum(wanted.values())


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda p: p.stem)
def test_no_arrow_hides_another(source):
    svg = run(TOOL, "flow", source, "--format", "svg").out
    lines = re.findall(r'<path class="(\w+)" d="M(\d+ \d+) C\d+ \d+ \d+ \d+ '
                       r'(\d+ \d+)"', svg)
    assert len({frozenset(ends) for _, *ends in lines}) == len(lines)
    colours = [colour for colour, *_ in lines]
    assert colours == sorted(colours, reverse=True)  # flow, then down
    assert svg.rindex("<path") < svg.index('class="node"')


# ---- separation


def separation(source, *words):
    return run(TOOL, "separation", source, *words)


def test_path_with_places():
    found = answer("separation", GUARD, "high_t", "low_t", status=1)
    assert not found["separated"]
    assert set(found["must_cross"]) == {"dom0_t", "guard_t"}
    path = found["path"]
    assert path[0]["from"] == "high_t@secret"
    assert path[-1]["to"] == "low_t@unclassified"
    for step, after in zip(path, path[1:]):
        assert step["to"] == after["from"]
    known = flows(GUARD)
    assert all((s["from"], s["to"]) in known for s in path)
    text = separation(GUARD, "secret", "unclassified")
    assert text.returncode == 1 and "  1. high_t@secret -> " in text.out
    assert "crosses one of these trusted types: dom0_t, guard_t" in text.out


def test_up_is_not_separated_by_trust():
    found = answer("separation", GUARD, "low", "high", status=1)
    assert found["must_cross"] is None  # a diode, straight up
    assert len(found["path"]) == 1


@pytest.fixture
def certified(tmp_path):
    image, cert = tmp_path / "p.img", tmp_path / "cert"
    compile_policy(GUARD, image)
    done = separation(GUARD, "high_t", "unclassified", "--except-via",
                      "guard_t,dom0_t", "-o", cert)
    assert done.returncode == 0 and "separated" in done.out, done.err
    return image, cert


def test_certificate(certified):
    image, cert = certified
    done = run(CERTIFICATE, image, cert)
    assert done.returncode == 0 and "holds, except via" in done.out
    text = cert.read_text()
    assert "image %s\n" % hashlib.sha384(
        image.read_bytes()).hexdigest() in text
    assert "closed high_t@secret\n" in text and "closed low" not in text


def test_certificate_of_complete_separation(changed, tmp_path):
    """Without dom0's trust and rules nothing goes down at all."""
    source = tmp_path / "p.pol"
    source.write_text("""policy "p" version 1
levels low < high
type d_t domain
type o_t object
label d_t@low d_t@high o_t@low
initial dom0 d_t@low
initial core_pub o_t@low
initial policy o_t@low
initial core_state o_t@low
initial audit o_t@low
initial console o_t@low
allow d_t d_t : grant { push map_ro }
""")
    image, cert = tmp_path / "p.img", tmp_path / "cert"
    compile_policy(source, image)
    assert separation(source, "high", "low", "-o", cert).returncode == 0
    done = run(CERTIFICATE, image, cert)
    assert done.returncode == 0 and done.out.endswith("holds\n")
    assert separation(source, "low", "high").returncode == 1


def test_forged_certificates(certified, tmp_path):
    image, cert = certified
    lines = cert.read_text().splitlines(keepends=True)
    bad = tmp_path / "bad"
    for i, line in enumerate(lines):  # each line is needed
        bad.write_text("".join(lines[:i] + lines[i + 1:]))
        done = run(CERTIFICATE, image, bad)
        if not line.startswith(("to ", "except ")):
            assert done.returncode == 1, line
    for more in ("closed low_t@unclassified\n", "closed guard_t@both\n",
                 "from low_t@unclassified\n", "to high_t@secret\n", "x\n",
                 "image 00\n", "closed nobody_t@secret\n", "\n"):
        bad.write_text("".join(lines) + more)
        assert run(CERTIFICATE, image, bad).returncode == 1, more
    bad.write_text("".join(l for l in lines if not l.startswith("except")))
    done = run(CERTIFICATE, image, bad)
    assert done.returncode == 1 and "leaves the closed set" in done.err
    chance = random.Random(3)
    good = cert.read_bytes()
    for _ in range(200):
        data = bytearray(good)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        bad.write_bytes(data)
        assert run(CERTIFICATE, image, bad).returncode in (1, 2)
    for data in (b"", b"casemate-certificate 1\n", good[:100], bytes(9000)):
        bad.write_bytes(data)
        assert run(CERTIFICATE, image, bad).returncode == 1
    assert run(CERTIFICATE, image, tmp_path / "none").returncode == 2
    assert run(CERTIFICATE, tmp_path / "none", cert).returncode == 2
    assert run(CERTIFICATE, cert, cert).returncode == 1
    assert run(CERTIFICATE).returncode == 2


def test_certificate_excepts_trusted_types_only(certified, tmp_path):
    """Else an exception could hide any flow at all, a direct one too."""
    image, bad = certified[0], tmp_path / "bad"
    head = "casemate-certificate 1\nimage %s\n" % hashlib.sha384(
        image.read_bytes()).hexdigest()
    trusted = ["except %s@unclassified..secret" % t
               for t in ("dom0_t", "guard_t")]
    public, low, high = ("public_t@unclassified", "low_t@unclassified",
                         "high_t@secret")
    for lines, why in (
            (["from " + public, "to " + high, "closed " + public,
              "except " + low], low),
            (["from " + low, "to " + high, "closed " + low,
              "except " + high], high),
            (["from " + high, "to " + trusted[0].split()[1],
              "closed " + high], "dom0_t")):
        bad.write_text(head + "\n".join(lines + trusted) + "\n")
        done = run(CERTIFICATE, image, bad)
        assert done.returncode == 1 and done.out == ""
        assert "no exception can be: " + why in done.err


def test_certificate_says_what_it_is_about(certified):
    done = run(CERTIFICATE, *certified)
    given = certified[1].read_text().splitlines()
    assert done.out.splitlines()[:-1] == [
        line for line in given if line.split()[0] in ("from", "to", "except")]


def test_certificate_of_another_policy(certified, changed, tmp_path):
    other = changed(GUARD, ("version 2", "version 3"))
    compile_policy(other, tmp_path / "o.img")
    done = run(CERTIFICATE, tmp_path / "o.img", certified[1])
    assert done.returncode == 1 and "another image" in done.err


def guards(tmp_path, n, edges, chance=None):
    """A policy of n trusted types that may tell each other what edges say;
    0 may hear the upper d_t, the last may tell the lower, or by chance."""
    rules = ["allow g%d_t g%d_t : grant { push }" % e for e in edges]
    for i in range(n):
        if chance is None or chance.random() < 0.4:
            rules.append("allow g%d_t d_t : grant { map_ro }" % i)
        if chance is None or chance.random() < 0.4:
            rules.append("allow g%d_t d_t : grant { push }" % i)
    source = tmp_path / "guards.pol"
    source.write_text("\n".join(
        ['policy "p" version 1', "levels low < high", "type d_t domain",
         "type o_t object", "label d_t@low d_t@high o_t@low",
         "initial dom0 d_t@low"] +
        ["initial %s o_t@low" % slot for slot in
         ("core_pub", "core_state", "policy", "audit", "console")] +
        ['type g%d_t domain trusted low .. high because "guard"\n'
         "label g%d_t@low..high" % (i, i) for i in range(n)] + rules) + "\n")
    return source


@pytest.mark.parametrize("n", [1, 5, 6, 40])
def test_cut_of_many_guards(n, tmp_path):
    found = answer("separation", guards(tmp_path, n, []), "high", "low",
                   status=1)
    assert len(found["must_cross"]) == n and found["is_fewest"]


def is_cut(known, cut):
    """Does nothing get from high to low but through these types?"""
    seen, todo = {"d_t@high"}, ["d_t@high"]
    while todo:
        at = todo.pop()
        for label in {b for a, b in known if a == at} - seen:
            if label.split("@")[0] not in cut:
                seen.add(label)
                todo.append(label)
    return "d_t@low" not in seen


@pytest.mark.parametrize("seed", range(12))
def test_cut_is_the_fewest(seed, tmp_path):
    chance = random.Random(seed)
    n = 7
    edges = {(chance.randrange(n), chance.randrange(n)) for _ in range(10)}
    source = guards(tmp_path, n, edges, chance)
    known = flows(source)
    types = ["g%d_t" % i for i in range(n)]
    size = next(k for k in range(n + 1) if any(
        is_cut(known, c) for c in itertools.combinations(types, k)))
    found = answer("separation", source, "high", "low",
                   status=1 if size else 0)
    if size:
        assert len(found["must_cross"]) == size and found["is_fewest"]
        assert is_cut(known, found["must_cross"])


def test_cut_leaves_out_what_is_excepted():
    found = answer("separation", GUARD, "high_t", "low_t", "--except-via",
                   "dom0_t", status=1)
    assert found["must_cross"] == ["guard_t"]


def test_separation_names():
    """The parties of assert, with its messages."""
    done = separation(GUARD, "high_x", "low")
    assert done.returncode == 2 and done.out == ""
    assert "no level, range, type or vm is called 'high_x'" in done.err
    done = separation(TWO, "red_t@secret:crypt", "black_t")
    assert "did you mean 'crypto'" in done.err
    done = separation(GUARD, "high", "low", "--except-via", "low_t")
    assert done.returncode == 2 and "'low_t' is not trusted" in done.err
    assert separation(TWO, "guests", "red_t").returncode == 1  # a typeset
    for name in ("both", "unclassified..secret", "low_t@unclassified"):
        done = separation(GUARD, name, "low_t")
        assert done.returncode == 1 and "is on both sides" in done.out
    done = separation(GUARD, "secret:all", "low_t")
    assert done.returncode == 1 and "every way crosses" in done.out
    for bad in ("", "a b", "low #", "low\nlevels a", "low from high",
                "\"x\""):
        assert separation(GUARD, bad, "low_t").returncode == 2, bad
        done = separation(GUARD, "secret", "low_t", "--except-via", bad)
        assert done.returncode == 2, bad


def test_separation_of_nothing():
    """What is excepted is no answer about itself."""
    for words in (("guard_t", "low_t"), ("low_t", "guard_t")):
        done = separation(GUARD, *words, "--except-via", "guard_t")
        assert done.returncode == 2 and "nothing is left" in done.err


def test_separation_says_whether_the_exception_counts(tmp_path):
    done = separation(GUARD, "secret", "unclassified", "--except-via",
                      "guard_t,dom0_t")
    assert done.out.endswith(", except via dom0_t, guard_t\n")
    source = guards(tmp_path, 2, [], random.Random(6))
    assert separation(source, "high", "low").returncode == 0
    done = separation(source, "high", "low", "--except-via", "g0_t")
    assert done.out.endswith(", also without the exception\n")
    found = answer("separation", source, "high", "low", "--except-via", "g0_t")
    assert found == {"separated": True, "except_via": []}


def test_separation_in_a_mode(tmp_path):
    source = guards(tmp_path, 1, [], random.Random(1))
    text = source.read_text()
    source.write_text(re.sub(r"^allow .*\n", "", text, flags=re.M) + "mode m "
                      "adds { allow g0_t d_t : grant { map_ro push } }\n")
    words = (source, "high", "low")
    assert separation(*words).returncode == 0
    assert separation(*words, "--mode", "m").returncode == 1


# ---- why


def test_why_permitted():
    found = answer("why", TWO, BLACK, RED, "grant.push")
    assert found["permitted"] and found["change"] == ""
    line = TWO.read_text().splitlines()[found["rule"]["line"] - 1]
    assert line.startswith("allow black_t red_t : grant { push }")


def test_why_levels():
    found = answer("why", TWO, "black_t", "red_t", "event.bind", status=1)
    assert found["cause"] == "read up" and found["change"] == ""
    assert "from %s to %s" % (RED, BLACK) in found["advice"]
    found = answer("why", TWO, "red_t", "black_t", "grant.push", status=1)
    assert found["cause"] == "write down"
    assert "from %s to %s" % (RED, BLACK) in found["advice"]


def test_why_proposes_what_works(changed):
    """The line it names, put into the source, permits it."""
    found = answer("why", TWO, "black_t", "self", "grant.map_ro", status=1)
    assert found["cause"] == "no rule" and found["breaks"] == ""
    assert found["change"] == "allow black_t self : grant { map_ro }"
    path = changed(TWO)
    path.write_text(path.read_text() + found["change"] + "\n")
    assert answer("why", path, "black_t", "black_t", "grant.map_ro",
                  "--self")["permitted"]


def test_why_says_what_a_change_breaks():
    found = answer("why", TWO, "dom0_t", "red_t", "memory.map_ro", status=1)
    assert "this is permitted" in found["breaks"]
    assert "never dom0_t guests" in found["breaks"]
    text = run(TOOL, "why", TWO, "dom0_t", "red_t", "memory.map_ro").out
    assert "would permit it, and break" in text
    assert "smallest change" not in text


def test_why_does_not_open_a_way_down(tmp_path):
    """The rule would be permitted, and complete a path through a guard."""
    source = tmp_path / "p.pol"
    source.write_text("""policy "p" version 1
levels low < high
type d_t domain
type g_t domain trusted low .. high because "guard"
type o_t object
label d_t@low d_t@high g_t@low..high o_t@low
initial dom0 d_t@low
initial core_pub o_t@low
initial policy o_t@low
initial core_state o_t@low
initial audit o_t@low
initial console o_t@low
allow g_t d_t : grant { map_ro }
""")
    found = answer("why", source, "g_t", "d_t@low", "grant.push", status=1)
    assert found["change"] == "allow g_t d_t : grant { push }"
    assert "a way down opens: d_t@high -> " in found["breaks"]
    text = run(TOOL, "why", source, "g_t", "d_t@low", "grant.push").out
    assert "smallest change" not in text and "a way down" in text


def test_why_never_proposes_trust():
    """A rule that the levels would stop is not proposed."""
    found = answer("why", TWO, "black_t", "red_t", "store.read", status=1)
    assert found["cause"] == "no rule" and found["change"] == ""
    assert "trusted" in found["advice"]


def test_why_strict_and_self_only(changed):
    path = changed(TWO, ("allow black_t red_t : grant { push }",
                         "allow black_t red_t : grant { push }\n"
                         "strict grant { push }"))
    path.write_text(path.read_text().replace("allow black_t red_t : grant "
                    "{ push }", "allow black_t red_t : grant { push } "
                    "expect-dead"))
    found = answer("why", path, "black_t", "red_t", "grant.push", status=1)
    assert found["cause"] == "strict" and "equal levels" in found["advice"]
    found = answer("why", TWO, "black_t", "red_t", "event.ipi", status=1)
    assert "--self" in found["advice"] and found["change"] == ""


AUDIT = ("2026-12-01 12:00:00.123 #3 dom1 black (black_t@unclassified) -> "
         "dom%d red (red_t@secret:crypto): event.bind denied: read up: "
         "information would flow down to the subject [bind_interdomain, "
         "vcpu 0]")


def test_why_audit():
    done = run(TOOL, "why", TWO, "--audit", AUDIT % 2)
    assert done.returncode == 1
    assert "%s -> %s: event.bind is refused: read up" % (BLACK,
                                                         RED) in done.out
    line = json.dumps({
        "sequence": 3, "subject": {"domid": 1, "label": BLACK},
        "object": {"domid": 2, "label": RED}, "class": "event",
        "permission": "bind"}, separators=(",", ":"))
    assert run(TOOL, "why", TWO, "--audit", line).out == done.out
    core = AUDIT.replace("dom%d red (red_t@secret:crypto)",
                         "core (audit_t@secret:crypto)").replace(
                             "event.bind", "audit.read")
    found = answer("why", TWO, "--audit", core, status=1)
    assert not found["permitted"]
    for bad in ("", "{}", "nonsense", "dom1 -> dom2: a.b"):
        assert run(TOOL, "why", TWO, "--audit", bad).returncode == 2


def test_why_names():
    done = run(TOOL, "why", TWO, "black_t", "red_t", "event.bin")
    assert done.returncode == 2 and "did you mean 'bind'" in done.err
    done = run(TOOL, "why", TWO, "black_t", "red_t", "evnt.bind")
    assert "did you mean 'event'" in done.err
    assert run(TOOL, "why", TWO, "black_t", "red_t", "bind").returncode == 2
    assert run(TOOL, "why", TWO, "black_t").returncode == 2
    done = run(TOOL, "why", GUARD, "low", "high", "grant.push")
    assert done.returncode == 0  # vms


def test_why_in_a_mode(changed):
    path = changed(TWO)
    path.write_text(path.read_text() +
                    "mode open adds { allow black_t self : grant { map_ro } "
                    "}\n")
    words = ("why", path, "black_t", "self", "grant.map_ro")
    done = run(TOOL, *words)
    assert done.returncode == 1 and "mode 'open' has a rule" in done.out
    assert run(TOOL, *words, "--mode", "open").returncode == 0


# ---- diff


def test_diff_of_the_same(changed, tmp_path):
    """Order, comments and the form, source or image, do not count."""
    lines = TWO.read_text().split("\nallow ")
    path = tmp_path / "p.pol"
    path.write_text("\nallow ".join([lines[0]] + lines[:0:-1]) + "\n# more\n")
    done = run(TOOL, "diff", TWO, path)
    assert done.returncode == 0, done.out + done.err
    assert done.out == "new downward flows: none\n"
    compile_policy(TWO, tmp_path / "p.img")
    assert run(TOOL, "diff", TWO, tmp_path / "p.img").returncode == 0
    assert run(TOOL, "diff", tmp_path / "p.img", path).returncode == 0


def test_diff_finds(changed):
    path = changed(TWO, ("allow black_t red_t : grant { push }",
                         "allow black_t red_t : grant { push }\n"
                         "allow black_t self : grant { map_ro }"),
                   ("runs xenstored", "runs everything"))
    found = answer("diff", TWO, path, status=1)
    assert "allow black_t self : grant { map_ro }" in found["gained"]
    assert any("runs everything" in line for line in found["gained"])
    assert any("runs xenstored" in line for line in found["lost"])
    assert found["new_downward_flows"] == []
    back = answer("diff", path, TWO, status=1)
    assert back["gained"] == found["lost"] and back["lost"] == found["gained"]


def test_diff_new_downward_flow(tmp_path):
    base = """policy "p" version 1
levels low < high
type d_t domain
type g_t domain trusted low .. high because "guard"
type o_t object
label d_t@low d_t@high g_t@low..high o_t@low
initial dom0 d_t@low
initial core_pub o_t@low
initial policy o_t@low
initial core_state o_t@low
initial audit o_t@low
initial console o_t@low
allow d_t d_t : grant { push }
"""
    old, new = tmp_path / "old.pol", tmp_path / "new.pol"
    old.write_text(base)
    new.write_text(base + "allow g_t d_t : grant { map_ro push }\n")
    done = run(TOOL, "diff", old, new, "--fail-on-downward")
    assert done.returncode == 3
    assert "  d_t@high -> d_t@low\n" in done.out
    assert "+ allow g_t d_t : grant { map_ro }\n" in done.out
    back = run(TOOL, "diff", new, old, "--fail-on-downward")
    assert back.returncode == 1 and "flows: none" in back.out


@pytest.mark.parametrize("old,new,gained", [
    ("never low_t", None, None),
    ("levels unclassified < secret", "levels unclassified < secret < top",
     "level top"),
    ("{ get_digest get_label activate }", "{ get_digest get_label }", None)])
def test_diff_of_claims_and_levels(changed, old, new, gained):
    text = GUARD.read_text()
    if new is None:
        claim = re.search(r"^never .*\n", text, re.M)[0]
        path = changed(GUARD, (claim, ""))
        found = answer("diff", GUARD, path, status=1)
        assert found["lost"] == ["claim: " + " ".join(claim.split())]
        return
    found = answer("diff", GUARD, changed(GUARD, (old, new)), status=1)
    assert gained is None or gained in found["gained"]


def test_diff_of_modes(changed):
    mode = "\nmode open adds { allow low_t self : grant { %s } }\n"
    one, two = changed(GUARD, name="1.pol"), changed(GUARD, name="2.pol")
    one.write_text(one.read_text() + mode % "map_ro")
    two.write_text(two.read_text() + mode % "copy_from")
    found = answer("diff", one, two, status=1)
    assert found["lost"] == ["allow mode open: low_t self : grant { map_ro }"]
    assert len(found["gained"]) == 1
    found = answer("diff", GUARD, one, status=1)
    assert "mode open" in found["gained"]


def test_diff_levels_reordered(tmp_path, changed):
    path = changed(GUARD, ("levels unclassified < secret",
                           "levels secret < unclassified"),
                   ("range both unclassified .. secret",
                    "range both secret .. unclassified"))
    done = run(TOOL, "diff", GUARD, path)
    assert done.returncode in (1, 2)
    if done.returncode == 1 and done.out:
        assert "order secret over unclassified" in done.out


# ---- lint


LINTED = """policy "p" version 1
levels low < high < top
compartments used idle
range wide low .. high
type d_t domain
type e_t domain
type g_t domain trusted low .. high because "not needed"
type n_t device
type o_t object
typeset both = d_t, e_t
label d_t@low d_t@high:used e_t@low g_t@low..high o_t@low
initial dom0 d_t@low
initial core_pub o_t@low
initial policy o_t@low
initial core_state o_t@low
initial audit o_t@low
initial console o_t@low
vm one d_t@low
device 0000:03:00.0 n_t@low
allow d_t e_t : event { offer send }
allow d_t e_t : event { send }
allow e_t d_t : event { bind }
ring e_t@low -> g_t@low..high
"""


def test_lint(tmp_path):
    source = tmp_path / "p.pol"
    source.write_text(LINTED.replace("ring e_t@low -> g_t@low..high\n", ""))
    found = answer("lint", source, status=1)["findings"]
    lines = {f["line"]: f["message"] for f in found}
    text = " ".join(lines.values())
    for words in ("level 'top' is never used", "compartment 'idle'",
                  "range 'wide'", "typeset 'both'", "vm 'one'",
                  "device 0000:03:00.0", "'g_t' is trusted"):
        assert words in text, words
    at = source.read_text().splitlines()
    rule = next(n for n, m in lines.items() if "other rules give" in m)
    assert at[rule - 1] == "allow d_t e_t : event { send }"
    assert all(f["hint"] for f in found)
    done = run(TOOL, "lint", source)
    assert done.returncode == 1 and "p.pol:2:" in done.out


def test_lint_ring_nobody_serves(changed):
    path = changed(GUARD, ("vm guard guard_t@both memory 256M\n", ""))
    found = answer("lint", path, status=1)["findings"]
    assert sum("second party" in f["message"] for f in found) == 2


def test_lint_a_pinned_vm_is_clean(changed):
    digest = " image sha384:" + "ab" * 48 + "\n"
    text = GUARD.read_text()
    path = changed(GUARD)
    path.write_text(re.sub(r"^(vm .*)\n", lambda m: m[1] + digest, text,
                           flags=re.M))
    done = run(TOOL, "lint", path)
    assert done.returncode == 0, done.out


def test_lint_clean():
    done = run(TOOL, "lint", TWO)
    assert done.returncode == 0 and done.out == ""
    assert answer("lint", TWO) == {"findings": []}
    assert run(TOOL, "lint", POLICY / "tests/accept/dead.pol").returncode == 1


# ---- report


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda p: p.stem)
def test_report(source, tmp_path):
    compile_policy(source, tmp_path / "p.img")
    digest = hashlib.sha384((tmp_path / "p.img").read_bytes()).hexdigest()
    text = run(TOOL, "report", source).out
    page = tmp_path / "p.html"
    assert run(TOOL, "report", source, "--format", "html", "-o",
               page).returncode == 0
    html = page.read_text()
    assert digest in text and digest in html
    for reason in re.findall(r'because "([^"]+)"', source.read_text()):
        assert reason in text and reason in html
    assert text.count("  holds  ") == len(re.findall(
        r"^(?:never|assert|conflict)\b", source.read_text(), re.M))
    body = html[html.index("<html"):]
    for word in ("meta charset=\"utf-8\"", ):
        body = body.replace("<%s>" % word, "")
    xml.fromstring(body)  # nothing is left open or unescaped
    found = answer("report", source)  # the same as JSON
    assert text == "Policy %s\n" % found["name"] + "".join(
        "\n%s\n" % s["title"] + "".join(
            "  %s\n" % "  ".join(cells) for cells in s["rows"])
        for s in found["sections"])
    out = tmp_path / "p.json"
    assert run(TOOL, "report", source, "--json", "-o", out).out == ""
    assert json.loads(out.read_text()) == found


OVER_LINES = ("assert separated secret from unclassified # it is\n\n"
              "\texcept via guard_t ,\n\tdom0_t\n")
ON_ONE = "assert separated secret from unclassified except via guard_t, dom0_t"


def test_claims_over_lines(changed):
    """Neither report nor diff stops at the end of a line."""
    path = changed(GUARD, (ON_ONE + "\n", OVER_LINES))
    assert "  %s\n" % ON_ONE in run(TOOL, "report", path).out
    assert run(TOOL, "diff", GUARD, path).returncode == 0
    weak = changed(path, ("guard_t ,", "low_t, guard_t ,"), name="w.pol")
    found = answer("diff", path, weak, status=1)
    assert found["lost"] == ["claim: " + ON_ONE]
    assert found["gained"] == ["claim: " + ON_ONE.replace(
        "via", "via low_t,")]


def test_report_says_a_conflict_once():
    source = POLICY / "tests/accept/language.pol"
    text = run(TOOL, "report", source).out
    assert text.count("  holds  conflict  ") == 1


def test_report_escapes(changed):
    path = changed(TWO, ("runs xenstored,", "a <b> & c"))
    html = run(TOOL, "report", path, "--format", "html").out
    assert "a &lt;b&gt; &amp; c" in html and "<b>" not in html
    assert run(TOOL, "report", path, "--format", "pdf").returncode == 2


# ---- test and coverage


def test_matrix(monitor, tmp_path):
    compile_policy(GUARD, tmp_path / "p.img")
    m = monitor((tmp_path / "p.img").read_bytes())
    rows = answer("test", GUARD)["rows"]
    n = sum(len(p) for p in m.classes.values())
    assert len(rows) == n * len(m.labels) * (len(m.labels) + 1)
    names = {"permitted": "permit", "nothing a policy can permit": "bad"}
    for row in random.Random(4).sample(rows, 400):
        subject, target, is_self, cls, perm, decision = row
        assert m.decide(subject, target, cls, perm, is_self) == names.get(
            decision, decision)
    out = tmp_path / "m.tsv"
    run(TOOL, "test", tmp_path / "p.img", "-o", out)
    lines = [line.split("\t") for line in out.read_text().splitlines()]
    assert len(lines) == len(rows)
    assert lines[0] == rows[0][:2] + ["self"] + rows[0][3:]


def counts(tmp_path, used, name="two-level", version=1):
    path = tmp_path / "counts"
    path.write_text(json.dumps({"policy": name, "version": version,
                                "used": used}))
    return path


def test_coverage(tmp_path):
    used = [{"subject": "black_t", "object": "red_t", "self": False,
             "class": "grant", "permissions": ["push"]},
            {"subject": "dom0_t", "object": "red_t", "self": False,
             "class": "domain", "permissions": ["create", "pause"]}]
    found = answer("coverage", TWO, counts(tmp_path, used))["rules"]
    source = TWO.read_text().splitlines()
    for rule in found:
        assert source[rule["line"] - 1].startswith("allow ")
        assert "{ push }" not in rule["unused"]
    dom0 = next(r for r in found if "domain { create pause }" in r["keep"])
    assert "destroy" in dom0["unused"] and "create" not in dom0["unused"]
    text = run(TOOL, "coverage", TWO, counts(tmp_path, used)).out
    assert "none: remove it" in text and "never used: " in text


def test_coverage_of_another_policy(tmp_path):
    for path in (counts(tmp_path, [], name="other"),
                 counts(tmp_path, [], version=2),
                 counts(tmp_path, [{"subject": "x_t"}])):
        done = run(TOOL, "coverage", TWO, path)
        assert done.returncode == 2 and "policy" in done.err
    bad = tmp_path / "bad"
    for text in ("", "[]", "{", '{"policy":1}', "\0"):
        bad.write_text(text)
        assert run(TOOL, "coverage", TWO, bad).returncode == 2
