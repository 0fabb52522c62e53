# SPDX-License-Identifier: Apache-2.0
"""casemate-policy import: what it takes means the same, and what the core
cannot do it refuses, saying where and why."""
import json
import random
import re

import pytest

from conftest import COMPARE, EXAMPLES, TOOL, class_table, make, run, secilc
from random_policy import random_policy
from test_oracle import COMPARE as PLAIN_COMPARE
from test_oracle import COMPILER as PLAIN_TOOL

RANDOM = 100


def export(source, tool=TOOL):
    image, cil = source.with_suffix(".img"), source.with_suffix(".cil")
    done = run(tool, "compile", source, "-o", image, "--cil", cil)
    assert done.returncode == 0, done.err
    return image, cil


def import_and_compile(cil, tool=TOOL):
    """The import's diagnostics, and the image of what it wrote."""
    made = cil.with_name("imported.pol")
    done = run(tool, "import", cil, "-o", made)
    assert done.returncode == 0, done.err
    return done.err, export(made, tool)[0]


def compared(image, cil, tool=COMPARE):
    binary = cil.with_suffix(".bin")
    secilc(cil, binary)
    done = run(tool, image, binary)
    assert done.returncode == 0, done.out + done.err


# ---- what casemate-policy itself exports

@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_round_trip(example, tmp_path):
    source = tmp_path / example.name
    source.write_bytes(example.read_bytes())
    image, cil = export(source)
    err, other = import_and_compile(cil)
    compared(other, cil)
    named = bytearray(other.read_bytes())
    named[16:56] = image.read_bytes()[16:56]  # name and version
    assert named == image.read_bytes()
    assert "1 type left out that no context has: no-one" in err


def test_round_trip_of_random_policies(tmp_path):
    make(PLAIN_COMPARE, PLAIN_TOOL)
    for seed in range(RANDOM):
        source = tmp_path / "p.pol"
        source.write_text(random_policy(5000 + seed))
        _, cil = export(source, PLAIN_TOOL)
        compared(import_and_compile(cil, PLAIN_TOOL)[1], cil, PLAIN_COMPARE)


# ---- what somebody else writes

BASE = """
(handleunknown deny) (mls true)
(class domain (pause getinfo self_info))
(class grant (map_ro map_rw copy_to push))
(class audit (read))
(classorder (domain grant audit))
(sensitivity U) (sensitivity S) (sensitivityorder (U S))
(category c0) (category c1) (categoryorder (c0 c1))
(sensitivitycategory U (all)) (sensitivitycategory S (c0 c1))
(user u) (role r) (userrole u r) (userlevel u (U))
(userrange u ((U) (S (c0 c1))))
(level low (U))
(level high (S (c0 c1)))
(type a_t) (roletype r a_t)
(type b_t) (roletype r b_t)
(type dom0_t) (roletype r dom0_t)
(type obj_t) (roletype r obj_t)
(type a_self) (roletype r a_self)
(typetransition a_t a_t domain a_self)
(typeattribute guests) (typeattributeset guests (a_t b_t))
(sid kernel) (sidorder (kernel)) (sidcontext kernel (u r obj_t (low low)))
(context dom0 (u r dom0_t (low high)))
(context core_pub (u r obj_t (low low)))
(context core_state (u r obj_t (high high)))
(context policy (u r obj_t (low low)))
(context audit (u r obj_t (high high)))
(context console (u r obj_t ((S (c0 c1)) high)))
(context a0 (u r a_t ((U) (U))))
(context a1 (u r a_t ((S (c0)) (S (c0)))))
(context b0 (u r b_t (low low)))
(context b1 (u r b_t ((S (c1)) (S (c1)))))
(allow guests guests (grant (map_ro copy_to push)))
(allow a_t a_self (domain (self_info)))
(allow b_t self (domain (self_info getinfo)))
(allow dom0_t guests (domain (pause getinfo)))
(allow dom0_t obj_t (audit (read)))
"""
READS = "(mlsconstrain (grant (map_ro copy_to)) (dom h1 l2))\n"
WRITES = "(mlsconstrain (grant (copy_to push)) (domby l1 h2))\n"


def importing(place, text, *words):
    cil = place / "in.cil"
    cil.write_text(text)
    return run(TOOL, "import", "in.cil", *words, cwd=place)


def test_hand_written(tmp_path):
    done = importing(tmp_path, BASE + READS + WRITES)
    assert done.returncode == 0, done.err
    lines = done.out.splitlines()
    for line in ("levels U < S", "compartments c0 c1", "type a_t domain",
                 "type obj_t object", "type dom0_t domain trusted U .. S:c0,c1",
                 '\tbecause "imported: in.cil:22"', "label a_t@S:c0",
                 "initial core_state obj_t@S:c0,c1",
                 "allow a_t self : domain { self_info }",
                 "allow a_t a_t, b_t : grant { map_ro copy_to push }",
                 # b_t has no self type: itself and its like are the same
                 "allow b_t self : domain { getinfo self_info } "
                 "grant { map_ro copy_to push }",
                 "allow b_t b_t : domain { getinfo } "
                 "grant { map_ro copy_to push }"):
        assert line in lines, done.out
    assert "a_self" not in done.out and "strict" not in done.out
    assert "in.cil:22:15: warning: 'dom0_t' spans levels" in done.err
    assert ("note: the core's levels are stricter than the source's on 1 "
            "permission: domain.getinfo\n") in done.err


def test_equality_is_strict(tmp_path):
    equal = READS + WRITES + "(mlsconstrain (grant (map_ro push)) (eq l1 l2))"
    done = importing(tmp_path, BASE + equal)
    assert done.returncode == 0, done.err
    assert "strict grant { map_ro push }\n" in done.out


def test_rules_that_constraints_refuse_are_left_out(tmp_path):
    never = "(mlsconstrain (grant (push)) (or (neq t1 a_t) (neq t2 b_t)))"
    done = importing(tmp_path, BASE + READS + WRITES + never)
    assert done.returncode == 0, done.err
    assert "allow a_t b_t : grant { map_ro copy_to }\n" in done.out
    assert "allow a_t a_t : grant { map_ro copy_to push }\n" in done.out
    assert "note: 1 permission left out" in done.err


@pytest.mark.parametrize("constraint,why", [
    ("(mlsconstrain (grant (copy_to)) (or (dom h1 l2) (eq t1 b_t)))",
     "grant.copy_to for (b_t,a_t); with l1=U, l2=S:c0 "
     "it relies on a downward flow"),
    (READS + "(mlsconstrain (grant (copy_to push)) "
     "(or (domby l1 h2) (eq t1 a_t)))",
     "grant.copy_to for (a_t,a_t); with l1=S:c0, l2=U "
     "it relies on a downward flow"),
    (READS + WRITES +
     "(mlsconstrain (grant (push)) (or (neq t1 a_t) (eq l1 l2)))",
     "grant.push for (a_t,a_t); with l1=U, l2=S:c0 "
     "it denies what the core would allow"),
    (READS + WRITES + "(mlsconstrain (audit (read)) (dom l2 h1))",
     "audit.read for (dom0_t,obj_t); with l1=U, h1=S:c0,c1, l2=U "
     "it denies what the core would allow"),
])
def test_constraints_that_are_refused(constraint, why, tmp_path):
    done = importing(tmp_path, BASE + constraint)
    assert done.returncode == 1 and done.out == ""
    assert re.search(r"constraint at in\.cil:\d+ cannot be enforced: " +
                     re.escape(why), done.err), done.err
    assert re.search(r"= mark \w+ trusted over a range, split the type, "
                     r"or make it equality", done.err)


REFUSED = [
    ("(boolean on true)", "'boolean' cannot be imported", "mode"),
    ("(booleanif on (true (allow a_t b_t (grant (push)))))", "'booleanif'",
     "mode"),
    ("(tunable on true)", "'tunable'", "mode"),
    ("(typepermissive a_t)", "'typepermissive'", "permissive"),
    ("(rangetransition a_t b_t domain (low high))", "'rangetransition'",
     "list the ranges"),
    ("(typetransition a_t b_t domain a_self)", "this type transition", "self"),
    ("(typetransition b_t b_t event a_self)", "this type transition", "self"),
    ("(typetransition a_t a_t domain obj_t)", "this type transition", "once"),
    ("(typechange a_t b_t domain a_t)", "'typechange'", "labels"),
    ("(allowx a_t b_t (ioctl grant (1)))", "'allowx'", "extended"),
    ("(typebounds a_t b_t)", "'typebounds'", "bounds"),
    ("(macro m ((type t)) (allow t t (grant (push))))", "'macro'", "write out"),
    ("(block b (type c_t))", "'block'", "write out"),
    ("(call m (a_t))", "'call'", "write out"),
    ("(in b (type c_t))", "'in'", "write out"),
    ("(optional o (allow a_t b_t (grant (push))))", "'optional'", "write out"),
    ("(constrain (grant (push)) (eq u1 u2))", "'constrain'", "mlsconstrain"),
    ("(neverallow a_t b_t (grant (push)))", "'neverallow'", "'never'"),
    ("(handleunknown allow)", "handleunknown allow", ""),
    ("(mls false)", "(mls true) is needed", ""),
    ("(class disk (read))", "unknown class 'disk'", ""),
    ("(class grant (mapro))", "no permission 'mapro'", "map_ro"),
    ("(allow a_t b_t (grants (push)))", "unknown class 'grants'", "grant"),
    ("(allow a_t b_t (grant (pushy)))", "no permission 'pushy'", "push"),
    ("(allow a_t b_t (domain (self_info)))", "oneself only", ""),
    ("(allow a_t b_q (grant (push)))", "unknown type 'b_q'", "b_t"),
    ("(allow (and a_t b_t) b_t (grant (push)))", "not an expression", ""),
    ("(allow a_t b_t pushers)", "not a name", ""),
    ("(typeattributeset guests (not a_t))", "plain list", ""),
    ("(typeattribute x) (typeattributeset x guests)", "plain list", ""),
    ("(typeattributeset guests (c_t))", "unknown type 'c_t'", "a_t"),
    ("(typeattributeset guests ((a_t)))", "plain list", ""),
    ("(typeattributeset guest a_t)", "unknown attribute 'guest'", ""),
    ("(alow a_t b_t (grant (push)))", "unknown statement 'alow'", "allow"),
    ("(allow a_t b_t)", "'allow' takes 3 arguments, this has 2", ""),
    ("(context x (u r a_t ((T) (T))))", "unknown sensitivity 'T'", ""),
    ("(context x (u r a_t ((S (c2)) (S (c2)))))", "unknown category 'c2'", ""),
    ("(context x (u r a_t (middle middle)))", "unknown level 'middle'",
     "(level middle"),
    ("(context x (u r a_t (high low)))", "does not dominate", ""),
    ("(context x (u r a_self (low low)))", "nothing carries 'a_self'", ""),
    ("(context x (u r c_t (low low)))", "unknown type 'c_t'", ""),
    ("(context x a_t)", "expected a context", ""),
    ("(mlsconstrain (grant (push)) (eq u1 u2))", "this test cannot", "dom"),
    ("(mlsconstrain (grant (push)) (dom l1))", "this test cannot", ""),
    ("(mlsconstrain (grant (push)) (eq r1 sys_r))", "this test cannot", ""),
    ("(mlsconstrain (grant (push)) l1)", "this test cannot", ""),
    ("(type a_t)", "'a_t' is declared twice", ""),
    ("(sensitivity U)", "'U' is declared twice", ""),
    ("(sensitivity T)", "sensitivityorder of all 3", ""),
    ("(category and)", "reserved word", ""),
    ("(type x.y) (context x (u r x.y (low low)))", "a name is a letter", ""),
    ("(type c_self) (context x (u r c_self (low low)))", "another type's self",
     ""),
    ("a_t", "expected a statement", ""), ("()", "expected a statement", ""),
    ("(", "this list is not closed", ""), (")", "')' closes nothing", ""),
    ('(type "x', "text is not closed", ""), ("(type x\0)", "byte 0x00", ""),
    ("(type \u00e9)", "byte 0xc3", ""),
    ("(" * 100000, "nested deeper than 64 lists", ""),
    ("()" * 1000, "expected a statement", ""),
]


@pytest.mark.parametrize("n", range(len(REFUSED)))
def test_refused(n, tmp_path):
    statement, why, hint = REFUSED[n]
    line = BASE.count("\n") + 1
    done = importing(tmp_path, BASE + statement + "\n", "-o", "out.pol")
    assert done.returncode == 1 and done.out == ""
    found = re.search(r"^in\.cil:(\d+):\d+: error: .*" + re.escape(why) +
                      ".*\n(?:.*\n)*?.*" + re.escape(hint), done.err, re.M)
    assert found, done.err
    assert int(found[1]) in (line, 7)  # 7: the order of all sensitivities
    assert [p.name for p in tmp_path.iterdir()] == ["in.cil"]


@pytest.mark.parametrize("missing,why", [
    (r"\(sensitivityorder .*", "there is no sensitivityorder"),
    (r"\(context core_pub .*", "no context says the label of 'core_pub'"),
    (r"\(category c1\)", "unknown category 'c1'"),
    (r"\(sensitivitycategory U.*", "not listed for this sensitivity"),
])
def test_missing(missing, why, tmp_path):
    done = importing(tmp_path, re.sub(missing, "", BASE))
    assert done.returncode == 1
    assert why in done.err


# ---- constraints at random: taken only if libsepol decides the same

TESTS = ["(dom h1 l2)", "(domby l1 h2)", "(eq l1 l2)", "(dom l1 l2)",
         "(domby l1 l2)", "(eq h1 h2)", "(incomp l1 l2)", "(neq l1 l2)",
         "(dom l1 h1)", "(eq t1 t2)", "(eq t1 {})", "(neq t2 {})"]


def random_test(chance, types, depth=2):
    if depth and chance.random() < 0.6:
        word = chance.choice(("and", "and", "or", "not"))
        parts = [random_test(chance, types, depth - 1)
                 for _ in range(1 if word == "not" else 2)]
        return "(%s %s)" % (word, " ".join(parts))
    return chance.choice(TESTS).format(chance.choice(types))


def with_random_constraint(seed, text):
    """An export with one more test in one of its constraints."""
    chance = random.Random(seed)
    types = re.findall(r"^\(roletype sys_r (\w+)\)", text, re.M)
    lines = text.splitlines()
    at = chance.choice([i for i, l in enumerate(lines)
                        if l.startswith("(mlsconstrain (")])
    head, test = re.match(r"(\(mlsconstrain \(\w+ \(.*?\)\)) (.*)\)$",
                          lines[at]).groups()
    other = random_test(chance, types)
    lines[at] = "%s %s)" % (head, chance.choice(
        ("(and %s %s)" % (test, other), "(or %s %s)" % (test, other), other)))
    return "\n".join(lines) + "\n"


# What the core may answer where libsepol says otherwise, if a note said so.
NOTED = {
    " left out that constraints": {("no rule", "levels")},
    "note: the core's levels are": {("levels", "permit"),
                                    ("no rule", "levels")},
}


def test_random_constraints(tmp_path):
    make(PLAIN_COMPARE, PLAIN_TOOL)
    same, refused, source = 0, 0, tmp_path / "p.pol"
    for seed in range(150):
        source.write_text(random_policy(6000 + seed // 3))
        _, cil = export(source, PLAIN_TOOL)
        cil.write_text(with_random_constraint(seed, cil.read_text()))
        done = run(TOOL, "import", cil, "-o", tmp_path / "i.pol")
        refused += done.returncode
        assert done.returncode == (1 if "cannot be enforced" in done.err else 0)
        if done.returncode:
            continue
        secilc(cil, tmp_path / "p.bin")
        answer = run(PLAIN_COMPARE, export(tmp_path / "i.pol", PLAIN_TOOL)[0],
                     tmp_path / "p.bin")
        noted = set().union(*[pairs for note, pairs in NOTED.items()
                              if note in done.err])
        assert set(re.findall(r": core (.+), libsepol (.+)$", answer.out,
                              re.M)) <= noted
        same += answer.returncode == 0
    assert same > 50 and refused > 10


# ---- the command line, and hostile input

def test_json(tmp_path):
    done = importing(tmp_path, BASE + READS + WRITES, "--json")
    answer = json.loads(done.out)
    assert answer["ok"] and answer["text"].startswith('policy "imported"')
    assert len(answer["notes"]) == 1
    assert answer["diagnostics"][0]["severity"] == "warning"
    done = importing(tmp_path, BASE + "(boolean on true)", "--json")
    answer = json.loads(done.out)
    assert done.returncode == 1 and done.err == ""
    assert not answer["ok"] and answer["text"] is None
    assert answer["diagnostics"][0]["line"] == BASE.count("\n") + 1


def test_cil_is_what_compile_exports(tmp_path):
    source = tmp_path / "p.pol"
    source.write_bytes(EXAMPLES[0].read_bytes())
    _, cil = export(source)
    done = run(TOOL, "cil", source)
    assert done.returncode == 0 and done.out == cil.read_text()
    answer = json.loads(run(TOOL, "cil", "--json", source).out)
    assert answer["ok"] and answer["text"] == done.out
    done = run(TOOL, "cil", source, "-o", tmp_path / "other.cil")
    assert done.returncode == 0 and done.out == done.err == ""
    assert (tmp_path / "other.cil").read_text() == cil.read_text()
    source.write_text("policy\n")
    done = run(TOOL, "cil", source, "-o", tmp_path / "none.cil")
    assert done.returncode == 1 and "error:" in done.err
    assert not (tmp_path / "none.cil").exists()


@pytest.mark.parametrize("verb", ["import", "cil"])
@pytest.mark.parametrize("words,status", [
    (["--help"], 0), ([], 2), (["a", "b"], 2), (["--bogus", "a"], 2),
    (["nowhere.cil"], 2), (["/"], 2)])
def test_command_line(verb, words, status, tmp_path):
    done = run(TOOL, verb, *words, cwd=tmp_path)
    assert done.returncode == status
    assert bool(done.err) == (status == 2) and bool(done.out) == (status == 0)


def test_files(tmp_path):
    (tmp_path / "in.cil").write_text(";" * (8 << 20) + "\n")
    done = run(TOOL, "import", tmp_path / "in.cil")
    assert done.returncode == 2 and "larger than 8 MiB" in done.err
    done = importing(tmp_path, BASE, "-o", "none/out.pol")
    assert done.returncode == 2 and "No such file" in done.err
    done = importing(tmp_path, "")
    assert done.returncode == 1 and "no sensitivityorder" in done.err


LARGE = [
    "".join("(type t%d)" % n for n in range(600)),
    "".join("(typeattribute t%d)" % n for n in range(300)),
    "".join("(sensitivity s%d)" % n for n in range(70)),
    "".join("(category x%d)" % n for n in range(1100)),
    READS * 300,
    "".join("(type q%d)(context c%d (u r q%d (low low)))" % (n, n, n)
            for n in range(300)),
]


@pytest.mark.parametrize("n", range(len(LARGE)))
def test_too_many(n, tmp_path):
    done = importing(tmp_path, BASE + LARGE[n])
    assert done.returncode == 1 and "more than " in done.err


def test_a_large_export(tmp_path):
    """128 types with rules for every pair of them."""
    source = tmp_path / "p.pol"
    text = EXAMPLES[0].parent.joinpath("two-level.pol").read_text()
    more = ["x%d_t" % n for n in range(128 - text.count("\ntype "))]
    text += "".join("type %s domain\nlabel %s@secret\n" % (t, t) for t in more)
    text += "".join("allow %s %s : grant { map_ro map_rw copy_from copy_to } "
                    "event { offer bind send } domain { getinfo }\n" %
                    (s, ", ".join(more)) for s in more)
    source.write_text(text)
    _, cil = export(source)
    assert cil.stat().st_size > 1 << 20
    compared(import_and_compile(cil)[1], cil, PLAIN_COMPARE)


@pytest.mark.parametrize("seed", range(60))
def test_mangled_sources_do_not_crash(seed, tmp_path):
    chance = random.Random(seed)
    words = re.findall(r"\s+|[\w-]+|.", BASE + READS + WRITES)
    for _ in range(1 + seed % 5):
        i, j = chance.randrange(len(words)), chance.randrange(len(words))
        how = chance.randrange(4)
        if how == 0:
            del words[i]
        elif how == 1:
            words[i], words[j] = words[j], words[i]
        elif how == 2:
            words.insert(i, words[j])
        else:
            words[i] = chance.choice(("(", ")", "()", '"', "\0", "c" * 9000))
    done = importing(tmp_path, "".join(words))
    assert (done.returncode == 0) == ("error:" not in done.err)
    assert (done.returncode == 0) == bool(done.out)


def test_every_class_may_be_imported(tmp_path):
    """Nothing of the core's table is unknown to the import."""
    rules = "".join("(class %s (%s))" % (cls, " ".join(p for p, _ in perms))
                    for cls, perms in class_table().items())
    assert importing(tmp_path, BASE + rules).returncode == 0
