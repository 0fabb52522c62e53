# SPDX-License-Identifier: Apache-2.0
"""Guest files: every error names file, line and remedy."""
import re

import pytest

from conftest import ROOT

NEED = ["name", "kernel", "memory", "label"]


def text_error(guest, text, mode="w"):
    path = guest.path / "guest.cfg"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return guest.error("measure", "guest.cfg")


@pytest.mark.parametrize("key", NEED)
def test_missing_key(guest, key):
    guest.write(**{key: None})
    text = guest.error("measure", "guest.cfg")
    assert f"guest.cfg: {key}: missing; " in text


@pytest.mark.parametrize("key,value,text", [
    ("name", '"two words"', "not a guest's name"),
    ("name", '"12"', "not a guest's name"),
    ("name", '"Domain-0"', "not a guest's name"),
    ("name", '"../x"', "not a guest's name"),
    ("name", '"%s"' % ("x" * 64), "not a guest's name"),
    ("name", '[ "a" ]', "a list is no good here"),
    ("name", '""', "missing; add a line like"),
    ("memory", "0", "from 4 to 3072"),
    ("memory", "4000", "from 4 to 3072"),
    ("memory", '"many"', "from 4 to 3072"),
    ("memory", "99999999999999999999", "from 4 to 3072"),
    ("vcpus", "0", "from 1 to 4"),
    ("vcpus", "5", "from 1 to 4"),
    ("label", '"%s"' % ("x" * 96), "too long"),
    ("on_crash", '"restart"', '"destroy" or "preserve"'),
    ("type", '"hvm"', "PVH guests only"),
])
def test_bad_value_names_the_line(guest, key, value, text):
    guest.write(**{key: value})
    lines = (guest.path / "guest.cfg").read_text().splitlines()
    line = 1 + [i for i, l in enumerate(lines) if l.startswith(key)][0]
    found = guest.error("measure", "guest.cfg")
    assert f"guest.cfg:{line}: {key}: " in found and text in found


@pytest.mark.parametrize("text,line", [
    ("name =\n", 1),
    ("vcpus = 1\nname = = 3\n", 2),
    ("vcpus = 1\n\nname = 'open\n", 3),
    ("vcpus = 1\n%%\n", 2),
])
def test_syntax_error_names_the_line(guest, text, line):
    assert f"guest.cfg:{line}: " in text_error(guest, text)


def test_not_a_text_file(guest):
    assert "not a guest file" in text_error(guest, b"\x7fELF\0\0\0")
    assert "at most" in text_error(guest, b"#" * 70000)


def test_missing_file(guest):
    assert "No such file" in guest.error("measure", "nothing.cfg")
    assert "not a regular file" in guest.error("measure", ".")


def test_unknown_keys_are_warned_of_with_their_line(guest):
    with (guest.path / "guest.cfg").open("a") as file:
        file.write("# memory = 1\nvif = [ 'a; b = 1',\n  'c # d' ]\n"
                   "x = 'a\\'b = c'; disk = []\n")
    first = len(guest.keys) + 2
    done = guest.run("measure", "guest.cfg")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        f"casemate: warning: guest.cfg:{line}: {key}: unknown key, ignored; "
        "see casemate.cfg(5)"
        for line, key in ((first, "vif"), (first + 2, "x"),
                          (first + 2, "disk"))]


def test_paths_count_from_the_guest_file(guest):
    here = guest.digest()
    (guest.path / "other").mkdir()
    guest.path = guest.path / "other"
    assert guest.json("measure", "../guest.cfg")["digest"] == here


def test_long_cmdline(guest):
    guest.write(cmdline='"%s"' % ("x" * 2047))
    guest.digest()
    guest.write(cmdline='"%s"' % ("x" * 2048))
    assert "shorten it" in guest.error("measure", "guest.cfg")


def test_usage(guest):
    for args in ((), ("nonsense",), ("create",), ("list", "x"),
                 ("list", "--paused"), ("audit", "--since", "x"),
                 ("audit", "--since")):
        done = guest.run(*args)
        assert done.returncode == 2, args
        assert done.stderr != ""
    assert "usage: casemate" in guest.ok("help")


def test_every_command_says_how_it_is_used(guest):
    listed = re.findall(r"^  (\w+)  ", guest.ok("help"), re.M)
    assert len(listed) == 15 and "--version" in guest.ok("help")
    page = (ROOT / "docs/man/casemate.1").read_text().replace("\\-", "-")
    assert "--version" in page
    for name in listed[:-1]:
        done = guest.run(name, "--help")
        assert done.returncode == 0 and done.stderr == "", name
        assert done.stdout.startswith(f"usage: casemate {name} ")
        for option in re.findall(r"^  .*?(--\w+)", done.stdout, re.M):
            assert option in page, (name, option)
    assert "--paused" in guest.ok("create", "--help")
    assert "--paused" not in guest.ok("list", "-h")
    assert guest.run("list", "--paused", "--help").returncode == 2
    assert guest.domains() == []
