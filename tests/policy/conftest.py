# SPDX-License-Identifier: Apache-2.0
"""What the policy tests share: the tools, built with ASan and UBSan, and the
core's monitor as a library."""
import ctypes
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
POLICY = ROOT / "policy"
BUILD = ROOT / "build" / "asan"
TOOL = BUILD / "casemate-policy"
COMPARE = BUILD / "policy-compare"
EXAMPLES = sorted((POLICY / "examples").glob("*.pol"))
ACCEPT = sorted((POLICY / "tests" / "accept").glob("*.pol"))
REJECT = sorted((POLICY / "tests" / "reject").glob("*.pol"))


def run(*words, cwd=None):
    """Runs a program; sanitizer reports end it with status 99."""
    env = dict(os.environ, ASAN_OPTIONS="exitcode=99:detect_leaks=1",
               UBSAN_OPTIONS="exitcode=99")
    done = subprocess.run([str(w) for w in words], cwd=cwd, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120)
    done.out = done.stdout.decode("utf-8", "replace")
    done.err = done.stderr.decode("utf-8", "replace")
    assert done.returncode in (0, 1, 2, 3), done.err
    return done


def compile_policy(source, image, cil=None):
    words = [TOOL, "compile", source, "-o", image]
    done = run(*words, *(["--cil", cil] if cil else []))
    assert done.returncode == 0, done.err
    return done


def secilc(cil, binary):
    done = run("secilc", "-o", binary, "-f", "/dev/null", cil)
    assert done.returncode == 0, done.out + done.err


def class_table():
    """class -> list of (permission, direction), from the core's own file."""
    table = {}
    text = (ROOT / "core/refmon/classes.def").read_text()
    for cls, perm, bit, way in re.findall(
            r"^PERM\((\w+), (\w+), (\d+), (\w)\)", text, re.M):
        rows = table.setdefault(cls, [])
        assert int(bit) == len(rows)
        rows.append((perm, way))
    return table


class Monitor:
    """The core's reference monitor with one policy installed."""
    CAUSES = ["permit", "no rule", "read up", "write down", "strict", "bad"]

    def __init__(self, library, image):
        self.lib = ctypes.CDLL(str(library))
        self.lib.refmon_label_name.restype = ctypes.c_char_p
        self.error = self.lib.refmon_install(image, len(image))
        self.classes = class_table()
        self.labels = [self.lib.refmon_label_name(i).decode()
                       for i in range(self.lib.refmon_label_count())]

    def decide(self, subject, target, cls, perm, is_self=False):
        perms = [p for p, _ in self.classes[cls]]
        return self.CAUSES[self.lib.refmon_decide(
            self.labels.index(subject), self.labels.index(target), is_self,
            list(self.classes).index(cls), perms.index(perm))]


def make(*words):
    subprocess.run(["make", "-s", "-C", str(POLICY)] + [str(w) for w in words],
                   check=True)


@pytest.fixture(scope="session", autouse=True)
def tools():
    make("SAN=1", TOOL, COMPARE)


@pytest.fixture(scope="session")
def monitor(tmp_path_factory):
    library = tmp_path_factory.mktemp("refmon") / "refmon.so"
    sources = sorted((ROOT / "core/refmon").glob("*.c"))
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-I", str(ROOT / "core"),
                    "-o", str(library)] + [str(s) for s in sources],
                   check=True)
    return lambda image: Monitor(library, image)


@pytest.fixture(scope="session", params=EXAMPLES + ACCEPT,
                ids=lambda p: p.parent.name + "/" + p.stem)
def built(request, tmp_path_factory):
    """A policy compiled: image, CIL and secilc's binary of it."""
    place = tmp_path_factory.mktemp(request.param.stem)
    result = {"source": request.param, "image": place / "p.img",
              "cil": place / "p.cil", "binary": place / "p.bin"}
    compile_policy(request.param, result["image"], result["cil"])
    secilc(result["cil"], result["binary"])
    return result
