# SPDX-License-Identifier: Apache-2.0
"""The language's larger statements: what they expand to, and whether claims
hold exactly when the core's monitor says so."""
import json
import random
import re
import resource

import pytest

from conftest import ACCEPT, EXAMPLES, POLICY, TOOL, class_table, run

PRELUDE = """policy "t" version 1
levels low < high
compartments a b
type dom0_t domain trusted low .. high:a,b because "tools"
type obj_t object
label dom0_t@low..high:a,b obj_t@low obj_t@high:a,b
initial dom0 dom0_t@low..high:a,b
initial core_pub obj_t@low
initial policy obj_t@low
initial core_state obj_t@high:a,b
initial audit obj_t@high:a,b
initial console obj_t@high:a,b
"""
LANGUAGE = POLICY / "tests/accept/language.pol"
WITH_MACROS = [p for p in EXAMPLES + ACCEPT
               if re.search(r"^(vm|ring|use|diode)\b", p.read_text(), re.M)]


def statements(text):
    text = "\n".join(l.split("#")[0].rstrip() for l in text.splitlines())
    return [s.strip("\n") for s in re.split(r"\n(?=[a-z])", "\n" + text)
            if s.strip()]


def check(tmp_path, text, *words):
    source = tmp_path / "p.pol"
    source.write_text(text)
    return run(TOOL, "check", *words, source)


def compiled(source, image, mode=None):
    words = ["--mode", mode] if mode else []
    done = run(TOOL, "compile", source, "-o", image, *words)
    assert done.returncode == 0, done.err
    return image.read_bytes()


# ---- macros ----

@pytest.mark.parametrize("source", WITH_MACROS, ids=lambda p: p.stem)
def test_macros_are_what_they_expand_to(source, tmp_path):
    """In place of the statements, their expansion makes the same image."""
    expansion = run(TOOL, "check", "--expand", source).out.split("\npolicy ")[0]
    plain = [s for s in statements(source.read_text())
             if not re.match(r"(vm|device|ring|use|diode|assert|conflict)\b", s)]
    inner = re.findall(r"^\tring .*$", "\n".join(plain), re.M)
    text = "\n".join(plain) + "\n" + expansion + "\n"
    for ring in inner:
        text = text.replace(ring + "\n", "")
    other = tmp_path / "plain.pol"
    other.write_text(text)
    modes = set(re.findall(r"^mode (\w+)", text, re.M))
    for mode in [None] + sorted(modes):
        assert (compiled(source, tmp_path / "a.img", mode) ==
                compiled(other, tmp_path / "b.img", mode))


def test_expansion_in_json():
    text = run(TOOL, "check", "--expand", LANGUAGE).out
    answer = json.loads(run(TOOL, "check", "--expand", "--json", LANGUAGE).out)
    assert answer["ok"] and text.startswith(answer["expansion"])
    assert "allow net_t nic_t :" in answer["expansion"]


MACRO_RULES = [
    ("ring", "work", "net", "event bind", True),
    ("ring", "net", "work", "grant map_rw", True),
    ("ring", "work", "net", "grant map_rw", False),
    ("use", "net", "nic_t@high:a", "device use", True),
    ("use", "work", "nic_t@high:a", "device use", False),
    ("diode", "web", "sieve", "grant push", True),
    ("diode", "web", "sieve", "message send_blind", True),
    ("diode", "sieve", "web", "message send_blind", False),
    ("diode", "web", "sieve", "event bind_up", False),
    ("vm", "web", "obj_t@low", "core gettime", True),
    ("vm", "web", "obj_t@low", "core settime", False),
]
VMS = {"work": "guest_t@high:a", "net": "net_t@high:a", "web": "low_t@low",
       "sieve": "filter_t@low..high:a"}


def test_what_macros_permit(monitor, tmp_path):
    m = monitor(compiled(LANGUAGE, tmp_path / "p.img"))
    assert m.error == 0
    for macro, subject, target, what, is_permitted in MACRO_RULES:
        answer = m.decide(VMS.get(subject, subject), VMS.get(target, target),
                          *what.split())
        assert (answer == "permit") == is_permitted, (macro, what)
    assert m.decide("low_t@low", "low_t@low", "event", "ipi", True) == "permit"


# ---- modes ----

def test_modes_add_and_only_when_asked(monitor, tmp_path):
    audit = ("dom0_t@low..high:a,b", "obj_t@high:a,b", "audit", "read")
    info = ("dom0_t@low..high:a,b", "guest_t@low", "domain", "getinfo")
    for mode, wanted in ((None, (0, 0)), ("maintenance", (1, 0)),
                         ("open", (0, 1))):
        image = compiled(LANGUAGE, tmp_path / "p.img", mode)
        name = image[16:48].rstrip(b"\0").decode()
        assert name == "language" + ("/" + mode if mode else "")
        m = monitor(image)
        assert tuple(int(m.decide(*q) == "permit")
                     for q in (audit, info)) == wanted


def test_an_unknown_mode():
    done = run(TOOL, "check", "--mode", "opne", LANGUAGE)
    assert done.returncode == 2 and "did you mean 'open'?" in done.err


# ---- suggestions ----

@pytest.mark.parametrize("wrong,hint", [
    ("nevr obj_t obj_t : any", "never"), ("asert separated a from b", "assert"),
    ("conflct { low } { high }", "conflict"), ("diod a -> b grant", "diode"),
    ("devise 0000:00:00.0 a@low", "device"), ("rnig a -> b", "ring"),
    ("mod m adds { }", "mode"), ("rang r low .. high", "range"),
    ("type x_t devce", "device"), ("assert separatd low from high", "separated"),
    ("assert separated low fron high", "from"),
    ("assert separated low from high except vi dom0_t", "via"),
    ("mode m ads { }", "adds"), ("vm v dom0_t@low memry 4G", "memory"),
    ("vm v dom0_t@low image sha348:0", "sha384"),
    ("diode dom0_t -> dom0_t grnat", "grant"),
    ("assert separated low from hgih", "high"),
    ("assert separated dom_t from low", "dom0_t")])
def test_suggestions(wrong, hint, tmp_path):
    done = check(tmp_path, PRELUDE + wrong + "\n")
    assert done.returncode == 1
    assert "did you mean '%s'?" % hint in done.err


# ---- claims against the monitor, over random policies ----

LEVELS = ["low", "low:a", "high", "high:a", "high:b", "high:a,b"]
RANGES = ["low..high:a,b", "low..high:a", "high..high:a,b"]
PERMS = [(c, p, d) for c in ("event", "grant", "memory", "message", "domain")
         for p, d in class_table()[c] if d != "N"]


def random_policy(chance):
    """Declarations, their labels, and random rules between all of them."""
    text, labels = PRELUDE, ["dom0_t@low..high:a,b", "obj_t@low",
                             "obj_t@high:a,b"]
    for i in range(chance.randint(2, 6)):
        name = "k%d_t" % i
        if chance.random() < 0.3:
            where = chance.choice(RANGES)
            text += 'type %s domain trusted %s because "x"\n' % (name, where)
            mine = [where]
        else:
            text += "type %s domain\n" % name
            mine = chance.sample(LEVELS, chance.randint(1, 3))
        labels += ["%s@%s" % (name, level) for level in mine]
        text += "label " + " ".join("%s@%s" % (name, l) for l in mine) + "\n"
    types = sorted({l.split("@")[0] for l in labels if l[0] == "k"})
    for _ in range(chance.randint(2, 12)):
        cls, perm, _ = chance.choice(PERMS)
        text += "allow %s %s : %s { %s }\n" % (
            chance.choice(types), chance.choice(types), cls, perm)
    if chance.random() < 0.3:
        text += "strict grant { map_ro push }\n"
    return text, labels, types


def flows(m):
    """from -> {to}: every permitted permission of every pair, by brute force."""
    edges = {label: set() for label in m.labels}
    for s in m.labels:
        for o in m.labels:
            for cls, perm, way in PERMS:
                if m.decide(s, o, cls, perm) != "permit":
                    continue
                if way in "RB":
                    edges[o].add(s)
                if way in "WB":
                    edges[s].add(o)
    return edges


def distance(edges, start, end, via):
    """Steps of the shortest path, or None."""
    seen = reached = {start} - via
    for steps in range(len(edges) + 1):
        if end in reached:
            return steps
        reached = {o for s in reached for o in edges[s]} - seen - via
        seen = seen | reached
    return None


def path_in(answer):
    """The labels of the steps listed."""
    steps = [re.match(r"step \d+: (\S+) -> (\S+): ", n["message"]).groups()
             for n in answer["notes"]]
    assert all(a[1] == b[0] for a, b in zip(steps, steps[1:]))
    return [steps[0][0]] + [s[1] for s in steps]


@pytest.mark.parametrize("seed", range(30))
def test_separation_is_what_the_monitor_says(seed, monitor, tmp_path):
    chance = random.Random(seed)
    text, labels, types = random_policy(chance)
    (tmp_path / "p.pol").write_text(text)
    m = monitor(compiled(tmp_path / "p.pol", tmp_path / "p.img"))
    assert sorted(m.labels) == sorted(labels)
    edges = flows(m)
    cases = []
    for _ in range(12):
        start, end = chance.sample(labels, 2)
        via = chance.sample(types, chance.randint(0, 1))
        text += "assert separated %s from %s%s\n" % (
            start, end, " except via " + via[0] if via else "")
        cases.append((start, end, {l for l in labels
                                   if l.split("@")[0] in via}))
    lines = text.splitlines()
    found = {d["line"]: d for d in json.loads(
        check(tmp_path, text, "--json").out)["diagnostics"]
             if d["severity"] == "error"}
    for n, (start, end, via) in enumerate(cases, len(lines) - 11):
        steps = distance(edges, start, end, via)
        assert (steps is not None) == (n in found), lines[n - 1]
        if steps is None:
            continue
        path = path_in(found[n])
        assert len(path) == steps + 1
        assert (path[0], path[-1]) == (start, end) and not via & set(path)
        assert all(b in edges[a] for a, b in zip(path, path[1:]))
        for note in found[n]["notes"]:
            assert lines[note["line"] - 1].startswith("allow ")


@pytest.mark.parametrize("seed", range(15))
def test_never_is_what_the_monitor_says(seed, monitor, tmp_path):
    chance = random.Random(100 + seed)
    text, labels, types = random_policy(chance)
    (tmp_path / "p.pol").write_text(text)
    m = monitor(compiled(tmp_path / "p.pol", tmp_path / "p.img"))
    base = len(text.splitlines())
    cases = []
    for _ in range(20):
        subject, target = chance.choice(labels), chance.choice(labels + types)
        cls, perm, _ = chance.choice(PERMS)
        what = [(cls, perm)]
        if chance.random() < 0.5:
            what = [(c, p) for c, p, _ in PERMS]
        text += "never %s %s : %s\n" % (
            subject, target, "any" if len(what) > 1
            else "%s { %s }" % (cls, perm))
        cases.append((subject, target, what))
    found = {d["line"] for d in json.loads(
        check(tmp_path, text, "--json").out)["diagnostics"]
             if d["severity"] == "error"}
    for n, (subject, target, what) in enumerate(cases, base + 1):
        objects = [l for l in labels if target in (l, l.split("@")[0])]
        broken = any(m.decide(subject, o, c, p) == "permit"
                     for o in objects for c, p in what)
        assert broken == (n in found), text.splitlines()[n - 1]


# ---- hostile sources ----

@pytest.mark.parametrize("seed", range(8))
def test_flipped_bytes_do_not_crash(seed, tmp_path):
    """A message or success, never a crash or a report of a sanitizer; and
    what is not understood leaves no image."""
    chance = random.Random(seed)
    good = (LANGUAGE if seed % 2 else chance.choice(EXAMPLES)).read_bytes()
    source, image = tmp_path / "p.pol", tmp_path / "p.img"
    for _ in range(25):
        bad = bytearray(good)
        for _ in range(chance.randint(1, 3)):
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        source.write_bytes(bad)
        image.unlink(missing_ok=True)
        done = run(TOOL, "compile", source, "-o", image)
        assert (done.returncode == 0) == image.exists()
        assert (done.returncode == 0) == ("error:" not in done.err)


@pytest.mark.parametrize("seed", range(30))
def test_mangled_claims_do_not_crash(seed, tmp_path):
    chance = random.Random(seed)
    words = re.findall(r"\s+|[A-Za-z0-9_-]+|.", LANGUAGE.read_text())
    for _ in range(1 + seed % 5):
        i, j = chance.randrange(len(words)), chance.randrange(len(words))
        words[i], words[j] = words[j], words[i]
        del words[chance.randrange(len(words))]
    done = check(tmp_path, "".join(words), "--expand")
    assert (done.returncode == 0) == ("error:" not in done.err)


def test_much_of_everything_ends_soon(tmp_path):
    """Many errors, sets and claims in one source of nearly 1 MiB."""
    lines = ["never x_t y_t : any", "assert separated p from q",
             "conflict { p q } { r }", "ring a -> b", "mode m adds {", "}",
             "vm v x_t@p", "device 0:0:0.0 x_t@p", "range r p .. q"]
    text = PRELUDE + "\n".join(lines * 1500) + "\n"
    done = check(tmp_path, text)
    assert done.returncode == 1 and "errors" in done.err


# ---- size ----

def big_policy(n_types, levels, n_pairs):
    """Each type at each level; n_pairs allowed pairs of types."""
    types = ["k%03d_t" % i for i in range(n_types)]
    text = PRELUDE.replace("compartments a b", "compartments a b " + " ".join(
        "c%d" % i for i in range(levels))).replace("high:a,b", "high:all")
    text += "".join("type %s domain\n" % t for t in types)
    text += "".join("label %s@high:c%d\n" % (t, i) for t in types
                    for i in range(levels))
    rows = ["event { offer bind }", "event { send status }", "grant { push }",
            "grant { map_ro copy_from } event { close }"]
    for i in range(n_pairs):
        s, o = i // n_types, (i // n_types + i) % n_types
        text += "allow %s %s : %s\n" % (types[s], types[o],
                                        rows[(s * 7 + o) % len(rows)])
    for i in range(1, levels):
        text += "assert separated high:c0 from high:c%d\n" % i
        text += "never %s@high:c0 %s@high:c%d : any\n" % (
            types[0], types[i], i)
    return text


def seconds_of_children():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


def test_all_labels_and_ten_thousand_pairs(monitor, tmp_path):
    """Everything is checked, in time; under the sanitizers and beside
    other work this is slower by far than it is without."""
    text = big_policy(124, 2, 10000)
    (tmp_path / "p.pol").write_text(text)
    before = seconds_of_children()
    image = compiled(tmp_path / "p.pol", tmp_path / "p.img")
    assert seconds_of_children() - before < 20
    assert len(image) <= 256 * 1024
    m = monitor(image)
    assert m.error == 0 and len(m.labels) == 251
    text += "allow k123_t k000_t : memory { map_ro }\n"
    text += "never k123_t k000_t : memory { map_ro }\n"
    text += "allow k000_t dom0_t : grant { push }\n"
    text += "allow k001_t dom0_t : message { recv }\n"
    done = check(tmp_path, text)
    assert done.returncode == 1 and done.err.count("error:") == 2
    assert "flows from 'high:c0' to 'high:c1' in 2 steps" in done.err
