# SPDX-License-Identifier: Apache-2.0
"""The policy compiler: messages, images, command line, limits."""
import json
import os
import random
import re
import struct

import pytest

from conftest import (ACCEPT, EXAMPLES, POLICY, REJECT, ROOT, TOOL,
                      class_table, compile_policy, run)

BASE = (POLICY / "tests/accept/minimal.pol").read_text()


def golden(path, text):
    """Compares with a stored text; UPDATE=1 stores it anew."""
    if os.environ.get("UPDATE"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("source", REJECT, ids=lambda p: p.stem)
def test_reject(source, tmp_path):
    done = run(TOOL, "check", source.name, cwd=source.parent)
    assert done.returncode == 1 and done.out == ""
    golden(source.with_suffix(".expect"), done.err)
    image = tmp_path / "none.img"
    assert run(TOOL, "compile", source, "-o", image).returncode == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("source", ACCEPT, ids=lambda p: p.stem)
def test_accept(source, tmp_path):
    done = run(TOOL, "check", source.name, cwd=source.parent)
    assert done.returncode == 0
    compile_policy(source, tmp_path / "p.img")
    dump = run(TOOL, "show", tmp_path / "p.img")
    golden(source.with_suffix(".expect"), done.err + done.out + dump.out)


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda p: p.stem)
def test_examples_have_no_warnings(source):
    done = run(TOOL, "check", source)
    assert done.returncode == 0 and done.err == ""


@pytest.mark.parametrize("source", REJECT + ACCEPT, ids=lambda p: p.stem)
def test_json_says_the_same(source):
    text = run(TOOL, "check", source.name, cwd=source.parent)
    done = run(TOOL, "check", "--json", source.name, cwd=source.parent)
    answer = json.loads(done.out)
    assert done.err == "" and done.returncode == text.returncode
    assert answer["ok"] == (done.returncode == 0)
    assert (answer["policy"] is not None) == answer["ok"]
    lines = ["{file}:{line}:{column}: {severity}: {message}".format(**d)
             for d in answer["diagnostics"]]
    assert lines == [t for t in text.err.splitlines()
                     if re.match(r"\S+\.pol:\d+:\d+: ", t)]


# ---- images ----

def statements(text):
    """Statements of a source without comments."""
    text = "\n".join(l.split("#")[0].rstrip() for l in text.splitlines())
    return [s for s in re.split(r"\n(?=[a-z])", "\n" + text) if s.strip()]


@pytest.mark.parametrize("source", EXAMPLES + ACCEPT, ids=lambda p: p.stem)
def test_order_means_nothing(source, tmp_path):
    compile_policy(source, tmp_path / "a.img", tmp_path / "a.cil")
    parts = statements(source.read_text())
    for seed in range(4):
        random.Random(seed).shuffle(parts)
        other = tmp_path / "b.pol"
        other.write_text("\n".join(parts) + "\n")
        compile_policy(other, tmp_path / "b.img", tmp_path / "b.cil")
        for kind in ("img", "cil"):
            assert ((tmp_path / ("a." + kind)).read_bytes() ==
                    (tmp_path / ("b." + kind)).read_bytes())


class Image:
    """A second reader of the format, from core/abi/policy_image.h alone."""

    def __init__(self, data):
        self.data, self.at = data, 0
        (self.magic, self.format, self.total, self.name, self.version,
         self.n_types, self.n_levels, self.n_labels, self.n_rows,
         self.n_sens, self.n_cats, self.n_names,
         self.zero) = self.take("<QII32sQ8I", 1)[0]
        self.initial = self.take("<8H", 1)[0]
        self.classes = self.take("<4I", 16)
        self.types = self.take("<HHI", self.n_types)
        self.levels = self.take("<II16Q", self.n_levels)
        self.labels = self.take("<4H", self.n_labels)
        self.self_rows = [r for r, in self.take("<H", self.n_types)]
        self.pair_rows = [r for r, in self.take("<H", self.n_types ** 2)]
        self.rows = self.take("<16I", self.n_rows)
        self.strict = self.take("<16I", 1)[0]
        self.names = data[self.at:self.at + self.n_names]
        self.at += (self.n_names + 7) // 8 * 8

    def take(self, layout, n):
        size = struct.calcsize(layout)
        rows = [struct.unpack_from(layout, self.data, self.at + i * size)
                for i in range(n)]
        end = self.at + n * size
        self.at = (end + 7) // 8 * 8
        assert not any(self.data[end:self.at])
        return rows

    def text(self, offset):
        return self.names[offset:self.names.index(b"\0", offset)].decode()


def masks(perms):
    def bits(ways):
        return sum(1 << i for i, (_, way) in enumerate(perms) if way in ways)
    return (bits("RWBN"), bits("RB"), bits("WB"), bits("N"))


def test_image_layout(built):
    i = Image(built["image"].read_bytes())
    assert i.magic == 0x314c4f504d534143 and i.format == 1 and i.zero == 0
    assert i.total == len(i.data) == i.at
    names = [i.text(t[1]) for t in i.types]
    assert names == sorted(names)
    assert [l[0:1] + l[2:] for l in i.levels] == sorted(
        l[0:1] + l[2:] for l in i.levels)
    assert i.labels == sorted(i.labels)
    assert i.rows == sorted(set(i.rows)) and not any(i.rows[0])
    assert set(i.self_rows + i.pair_rows) | {0} == set(range(i.n_rows))
    table = list(class_table().values())
    assert i.classes == [masks(p) for p in table] + [(0, 0, 0, 0)]


def test_image_labels(built):
    i = Image(built["image"].read_bytes())
    for kind, low, high, name in i.labels:
        text = i.text(i.types[kind][1]) + "@" + i.text(i.levels[low][1])
        text += ".." + i.text(i.levels[high][1]) if low != high else ""
        assert i.text(name) == text
        assert low == high or i.types[kind][0] & 1


def test_check_takes_images(built):
    done = run(TOOL, "check", built["image"])
    assert done.returncode == 0 and done.out.startswith("policy ")
    answer = json.loads(run(TOOL, "check", "--json", built["image"]).out)
    assert answer["ok"] and answer["policy"]["labels"]


def test_damaged_images_are_refused_or_harmless(tmp_path):
    image = tmp_path / "p.img"
    compile_policy(POLICY / "tests/accept/dead.pol", image)
    good = image.read_bytes()
    chance = random.Random(1)
    refused = 0
    for _ in range(150):
        bad = bytearray(good)
        bad[chance.randrange(8, len(bad))] ^= 1 << chance.randrange(8)
        image.write_bytes(bad)
        refused += run(TOOL, "check", image).returncode == 1
    assert refused > 75
    for cut in (0, 7, 8, 100, 367, 368, len(good) - 1):
        image.write_bytes(good[:cut])
        assert run(TOOL, "show", image).returncode == 1
    image.write_bytes(good + b"\0")
    done = run(TOOL, "check", "--json", image)
    assert done.returncode == 1
    assert json.loads(done.out)["diagnostics"][0]["message"]


# ---- the default policy says what it should ----

DOM0 = "dom0_t@unclassified..secret:crypto"
BLACK, RED = "black_t@unclassified", "red_t@secret:crypto"
STATE, PUBLIC = "core_state_t@secret:crypto", "core_pub_t@unclassified"
TWO_LEVEL = [
    (RED, RED, "event offer", "permit"),
    (RED, RED, "event bind", "permit"),
    (RED, RED, "grant map_rw", "permit"),
    (BLACK, BLACK, "event bind", "no rule"),
    (BLACK, RED, "grant push", "permit"),
    (BLACK, RED, "event bind", "read up"),
    (BLACK, RED, "event offer", "no rule"),
    (BLACK, RED, "grant map_ro", "read up"),
    (BLACK, RED, "grant copy_to", "read up"),
    (RED, BLACK, "event offer", "write down"),
    (RED, BLACK, "event send", "write down"),
    (RED, BLACK, "grant map_rw", "write down"),
    (RED, BLACK, "grant push", "write down"),
    (RED, BLACK, "grant copy_from", "no rule"),
    (DOM0, RED, "domain create", "permit"),
    (DOM0, BLACK, "launch finalize", "permit"),
    (DOM0, RED, "launch get_measurement", "permit"),
    (DOM0, RED, "grant map_rw", "permit"),
    (DOM0, RED, "memory map_ro", "no rule"),
    (DOM0, RED, "memory dump", "no rule"),
    (DOM0, RED, "domain debug", "no rule"),
    (DOM0, PUBLIC, "core settime", "permit"),
    (DOM0, STATE, "core reboot", "permit"),
    (DOM0, STATE, "core physinfo", "permit"),
    (DOM0, "audit_t@secret:crypto", "audit read", "permit"),
    (DOM0, "console_t@secret:crypto", "console write", "permit"),
    (RED, DOM0, "event bind", "permit"),
    (BLACK, DOM0, "event bind", "permit"),
    (BLACK, PUBLIC, "core version", "permit"),
    (RED, PUBLIC, "event bind_virq", "permit"),
    (RED, STATE, "core physinfo", "no rule"),
    (BLACK, "audit_t@secret:crypto", "audit read", "no rule"),
    (RED, "console_t@secret:crypto", "console write", "no rule"),
]


def test_two_level(monitor, tmp_path):
    compile_policy(POLICY / "examples/two-level.pol", tmp_path / "p.img")
    m = monitor((tmp_path / "p.img").read_bytes())
    assert m.error == 0
    for subject, target, what, answer in TWO_LEVEL:
        assert m.decide(subject, target, *what.split()) == answer, what
    for label in (DOM0, BLACK, RED):
        for what in ("domain self_shutdown", "event ipi", "grant setup",
                     "memory adjust", "sched vcpu_op"):
            assert m.decide(label, label, *what.split(), True) == "permit"
    assert m.decide(RED, RED, "event", "bind", True) == "no rule"


def hypercall_rows():
    """(class, permissions, object kind) of every hypercall."""
    text = (ROOT / "core/vmm/hypercalls.def").read_text()
    for cls, perms, kind in re.findall(
            r"^ROW\(\w+, \w+, (\w+),\s+P\d\(([^)]*)\),\s+(\w+)\)", text,
            re.M):
        yield cls, perms.replace(" ", "").split(",")[1::2], kind


OBJECTS = {"PEER": RED, "CORE_PUB": PUBLIC, "CORE_STATE": STATE,
           "POLICY": "policy_t@unclassified",
           "AUDIT": "audit_t@secret:crypto",
           "CONSOLE": "console_t@secret:crypto"}


@pytest.mark.skipif(not (ROOT / "core/vmm/hypercalls.def").exists(),
                    reason="no hypercall table")
def test_two_level_knows_every_hypercall(monitor, tmp_path):
    """dom0 may ask what the core can answer, but for guests' memory; every
    guest may ask about itself and about what is public."""
    compile_policy(POLICY / "examples/two-level.pol", tmp_path / "p.img")
    m = monitor((tmp_path / "p.img").read_bytes())
    refused, n = set(), 0
    for cls, perms, kind in hypercall_rows():
        n += 1
        for perm in perms:
            for label in (DOM0, BLACK, RED):
                if kind == "SELF":
                    assert m.decide(label, label, cls, perm,
                                    True) == "permit", (label, cls, perm)
                elif kind == "CORE_PUB":
                    assert m.decide(label, PUBLIC, cls, perm) == "permit"
            if kind in OBJECTS and m.decide(DOM0, OBJECTS[kind], cls,
                                            perm) != "permit":
                refused.add(cls + " " + perm)
    assert n > 40
    assert refused <= {"memory map_rw", "memory acquire", "grant push",
                       "grant query", "event ipi", "event mask"}


def test_test_policy_has_incomparable_levels(monitor, tmp_path):
    compile_policy(POLICY / "examples/test.pol", tmp_path / "p.img")
    m = monitor((tmp_path / "p.img").read_bytes())
    a, b = "test_a_t@secret:crypto", "test_b_t@secret:sigint"
    assert m.decide(a, b, "grant", "map_ro") == "read up"
    assert m.decide(b, a, "grant", "push") == "write down"
    low, same = "test_b_t@unclassified", "test_a_t@unclassified"
    assert m.decide(low, a, "grant", "push") == "permit"
    assert m.decide(low, a, "message", "notify") == "strict"
    assert m.decide(a, low, "grant", "map_ro") == "permit"
    assert m.decide(low, same, "event", "bind") == "permit"
    for label in (RED, BLACK, a, low):
        assert m.decide(label, "console_t@secret:crypto,sigint", "console",
                        "write") == "permit"


# ---- limits ----

def numbered(prefix, n):
    return ["%s%04d" % (prefix, i) for i in range(n)]


def grown(what, n):
    """The least policy with n of something."""
    text = BASE
    if what == "types":
        return text + "".join("type %s object\n" % t
                              for t in numbered("t", n - 2))
    if what == "sensitivities":
        more = " < ".join(["levels only"] + numbered("s", n - 1))
        return text.replace("levels only", more)
    if what == "compartments":
        return text + "compartments " + "\n\t".join(numbered("c", n)) + "\n"
    if what == "vms":
        return text + "".join("vm %s d_t@only\n" % t
                              for t in numbered("v", n))
    if what == "devices":
        return text + "type n_t device\n" + "".join(
            "device %04x:00:00.0 n_t@only\n" % i for i in range(n))
    if what == "nevers":
        return text + "never d_t o_t : any\n" * n
    if what == "asserts":
        return text + "assert separated d_t from o_t\n" * n
    if what == "ranges":
        return text + "".join("range %s only .. only\n" % t
                              for t in numbered("r", n))
    if what == "modes":
        return text + "".join("mode %s adds { }\n" % t
                              for t in numbered("m", n))
    if what == "typesets":
        return text + "".join("typeset %s = d_t\n" % t
                              for t in numbered("g", n))
    text += "compartments " + "\n\t".join(numbered("c", 10)) + "\n"
    if what == "labels":
        text += "".join("type %s domain\n" % t for t in numbered("t", 12))
    levels = [",".join("c%04d" % b for b in range(10) if i >> b & 1)
              for i in range(1, n)]
    if what == "levels":
        return text + "".join("label d_t@only:%s\n" % l for l in levels)
    return text + "".join("label t%04d@only:%s\n" % (i % 12, levels[i // 12])
                          for i in range(n - 2))


@pytest.mark.parametrize("what,most", [
    ("types", 128), ("sensitivities", 64), ("compartments", 1024),
    ("typesets", 64), ("levels", 128), ("labels", 1024),
    ("ranges", 64), ("modes", 16), ("vms", 1024), ("devices", 1024),
    ("nevers", 1024), ("asserts", 1024)])
def test_limits(what, most, tmp_path):
    source = tmp_path / "p.pol"
    source.write_text(grown(what, most))
    compile_policy(source, tmp_path / "p.img")
    source.write_text(grown(what, most + 1))
    done = run(TOOL, "check", source)
    assert done.returncode == 1 and "more than %d" % most in done.err


def test_too_many_rows(tmp_path):
    perms = [p for p, way in class_table()["domain"] if way != "N"][:10]
    text = BASE + "".join("type %s domain\n" % t for t in numbered("t", 30))
    for i in range(600):
        some = [p for b, p in enumerate(perms) if (i + 1) >> b & 1]
        text += "allow t%04d t%04d : domain { %s }\n" % (
            i // 30, i % 30, " ".join(some))
    source = tmp_path / "p.pol"
    source.write_text(text)
    done = run(TOOL, "check", source)
    assert done.returncode == 1 and "601 distinct rows" in done.err


def test_too_many_name_bytes(tmp_path):
    names = ["%s%02d" % ("n" * 60, i) for i in range(40)]
    text = BASE + "compartments " + "\n\t".join(names) + "\n"
    text += "".join("label d_t@only:%s\n" % ",".join(names[i:])
                    for i in range(30))
    source = tmp_path / "p.pol"
    source.write_text(text)
    done = run(TOOL, "check", source)
    assert done.returncode == 1 and "the names have" in done.err


# ---- hostile sources ----

@pytest.mark.parametrize("seed", range(60))
def test_mangled_sources_do_not_crash(seed, tmp_path):
    chance = random.Random(seed)
    text = (POLICY / "examples/two-level.pol").read_text()
    words = re.findall(r"\s+|[A-Za-z0-9_-]+|.", text)
    for _ in range(1 + seed % 6):
        i, j = chance.randrange(len(words)), chance.randrange(len(words))
        how = chance.randrange(4)
        if how == 0:
            del words[i]
        elif how == 1:
            words[i], words[j] = words[j], words[i]
        elif how == 2:
            words.insert(i, words[j])
        else:
            words = words[:max(i, 1)]
    source = tmp_path / "p.pol"
    source.write_text("".join(words))
    done = run(TOOL, "compile", source, "-o", tmp_path / "p.img",
               "--cil", tmp_path / "p.cil")
    assert (done.returncode == 0) == (tmp_path / "p.img").exists()
    assert (done.returncode == 0) == ("error:" not in done.err)


# ---- the command line ----

@pytest.mark.parametrize("words,status", [
    ([], 2), (["--help"], 0), (["help"], 0), (["--version"], 0), (["bogus"], 2),
    (["compile", "--help"], 0), (["check", "--help"], 0),
    (["show", "--help"], 0), (["compile"], 2), (["check"], 2),
    (["compile", "x.pol"], 2), (["check", "nowhere.pol"], 2),
    (["check", "a", "b"], 2), (["check", "--bogus", "a"], 2),
    (["check", "a", "-o", "b"], 2), (["check", "/"], 2)])
def test_command_line(words, status, tmp_path):
    done = run(TOOL, *words, cwd=tmp_path)
    assert done.returncode == status
    assert bool(done.err) == (status == 2) and bool(done.out) == (status == 0)
    assert list(tmp_path.iterdir()) == []


def test_files_that_cannot_be_written(tmp_path):
    source = POLICY / "examples/two-level.pol"
    done = run(TOOL, "compile", source, "-o", tmp_path / "none" / "p.img")
    assert done.returncode == 2 and "No such file" in done.err
    done = run(TOOL, "compile", source, "-o", "/dev/full")
    assert done.returncode == 2 and "No space" in done.err
    assert os.path.exists("/dev/full")


def test_source_too_large(tmp_path):
    source = tmp_path / "p.pol"
    source.write_text("#" * (1 << 20) + "\n")
    done = run(TOOL, "check", source)
    assert done.returncode == 2 and "1 MiB" in done.err


# ---- papers ----

def test_doc_table_is_the_cores_table():
    text = (ROOT / "docs/POLICY.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (\d+) \| [^|]+ \| ([^|]+) \|$", text,
                      re.M)
    assert {cls: [tuple(p.split(":")) for p in perms.split()]
            for cls, _, perms in rows} == class_table()
    assert [int(n) for _, n, _ in rows] == list(range(len(rows)))


@pytest.mark.parametrize("page", ["casemate-policy.1", "casemate-policy.5"])
def test_man_pages_have_no_warnings(page):
    done = run("man", "--warnings", "-l", ROOT / "docs/man" / page)
    assert done.returncode == 0 and done.err == ""


def test_man_page_has_every_option():
    page = (ROOT / "docs/man/casemate-policy.1").read_text()
    for command in ("compile", "check", "show", "import", "cil",
                    "keygen", "sign", "verify"):
        words = run(TOOL, command, "--help").out
        for option in re.findall(r"--(\w+)", words):
            assert "\\-\\-" + option in page


def test_papers_have_every_statement():
    words = re.findall(r'^\t\{ "(\w+)", parse_',
                       (POLICY / "lang/parse.c").read_text(), re.M)
    assert len(words) == 19
    page = (ROOT / "docs/man/casemate-policy.5").read_text()
    grammar = (ROOT / "docs/POLICY.md").read_text()
    for word in words:
        assert re.search(r'^\.B[RI] "?%s\b' % word, page, re.M), word
        assert '= "%s"' % word in grammar, word


# What docs/POLICY-EXAMPLES.md does to the examples, in its words.
WALKS = [
    ("two-level.pol", "my.pol", [("{ populate }", "{ populate dump }"),
                                 ("allow guests dom0_t", "allow guest dom0_t")]),
    ("two-level.pol", "my.pol", [("{ populate }", "{ populate dump }")]),
    ("guard.pol", "g.pol", [("via guard_t, dom0_t", "via dom0_t")]),
    ("hundred-guests.pol", "h.pol", [
        ("label public_t@secret\n",
         'type hub_t domain trusted secret .. secret:all because "file server"'
         "\nlabel hub_t@secret..secret:c00,c01\n"
         "allow hub_t, tenant_t tenant_t, hub_t : event { send status }\n"
         "label public_t@secret\n")]),
]


@pytest.mark.parametrize("n", range(len(WALKS)))
def test_walk_through(n, tmp_path):
    example, name, changes = WALKS[n]
    text = (POLICY / "examples" / example).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / name).write_text(text)
    done = run(TOOL, "check", name, cwd=tmp_path)
    assert done.returncode == 1
    paper = (ROOT / "docs/POLICY-EXAMPLES.md").read_text()
    assert "\n".join(done.err.splitlines()[:-1]) in paper


def test_walk_through_shows_the_expansion():
    done = run(TOOL, "check", "--expand", "guard.pol", cwd=POLICY / "examples")
    paper = (ROOT / "docs/POLICY-EXAMPLES.md").read_text()
    ring = done.out[done.out.index("# guard.pol:36"):
                    done.out.index("# guard.pol:37")]
    assert ring in paper
