# SPDX-License-Identifier: Apache-2.0
"""Checks of the source's structure: includes, lengths, sizes, format."""

import os
import re
import shutil
import statistics
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORE = os.path.join(TOP, "core")
BUILD = os.path.join(TOP, "build")
C_FOLDERS = ("core", "policy", "tools", "tests")

# 9,000, and what it takes to replace the policy while domains run: signatures,
# the change itself, undoing what it forbids.
CORE_CODE_LINES = 9950
# The compiler never sees these: what proofs know of tables in frames.
PROVER_ONLY = ("core/vmm/frame_spec.h", "core/vmm/p2m_spec.h")
CORE_IMAGE_BYTES = 400 * 1024
FILE_LINES = 600
FUNCTION_LINES = 70
FUNCTION_MEDIAN = 12
FUNCTION_P90 = 40


def sources(folder, endings=(".c", ".h")):
    for where, _, names in os.walk(os.path.join(TOP, folder)):
        for name in sorted(names):
            if name.endswith(endings):
                yield os.path.join(where, name)


def short(path):
    return os.path.relpath(path, TOP)


def read(path):
    # Bytes that are no UTF-8 are some tests' input.
    with open(path, encoding="utf-8", errors="replace") as f:
        return f.read()


def git(*words):
    """Also where a container's checkout belongs to somebody else."""
    return subprocess.run(
        ["git", "-c", "safe.directory=*", *words],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )


def code_lines(text):
    """Lines that are neither blank nor comment, strings left alone."""
    text = re.sub(
        r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|//[^\n]*',
        lambda m: '""' if m[0][0] == '"' else "\n" * m[0].count("\n"),
        text,
        flags=re.S,
    )
    return [line for line in text.splitlines() if line.strip()]


def functions(path):
    """(name, code lines) of each function: from its brace in column 0."""
    name, start = None, None
    for number, line in enumerate(code_lines(read(path))):
        if re.match(r"[A-Za-z_].*[;=,]$", line):
            continue
        called = re.match(r"[A-Za-z_][^=;]*?(\w+)\(", line)
        if called:
            name = called[1]
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            yield name, number - start - 1
            start = None


def code_in_core():
    endings = (".c", ".h", ".S", ".def", ".lds")
    return [p for p in sources("core", endings) if short(p) not in PROVER_ONLY]


# --- includes ---


def layers():
    rules = {}
    for line in read(os.path.join(TOP, "tools/check/layers.txt")).splitlines():
        words = line.split("#")[0].split()
        if words:
            rules[words[0]] = set(words[1:])
    return rules


def test_include_direction():
    rules = layers()
    wrong = []
    for path in sources("core", (".c", ".h", ".S")):
        folder = os.path.relpath(os.path.dirname(path), CORE)
        for number, line in enumerate(read(path).splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not found:
                continue
            target = found[1]
            where = os.path.dirname(target) or folder
            allowed = rules.get(os.path.relpath(path, CORE), rules[folder])
            if where not in allowed | {folder} and target not in allowed:
                wrong.append(f"{short(path)}:{number}: {folder} includes {target}")
    assert not wrong, "\n".join(wrong)


def include_flags(path):
    where = short(path)
    if where.startswith("core/"):
        inner = subprocess.check_output(
            ["gcc", "-print-file-name=include"], text=True
        ).strip()
        # Of the host only the guest interface's headers, as in core/Makefile.
        link = os.path.join(BUILD, "include")
        os.makedirs(link, exist_ok=True)
        if not os.path.islink(os.path.join(link, "xen")):
            os.symlink("/usr/include/xen", os.path.join(link, "xen"))
        host = ["-nostdinc", "-isystem", link, "-isystem", inner]
        return ["-ffreestanding", *host, f"-I{CORE}"]
    flags = ["-D_GNU_SOURCE", f"-I{CORE}", f"-I{TOP}/tools", f"-I{TOP}/policy", f"-I{TOP}/policy/lang"]
    return [*flags, f"-I{os.path.dirname(path)}"]


@pytest.mark.parametrize("folder", C_FOLDERS)
def test_headers_compile_alone(folder):
    wrong = []
    for path in sources(folder, (".h",)):
        if re.search("tests/(guest|attack|bench)", path):
            continue  # built with their own flags, freestanding
        flags = include_flags(path)
        text = f'#include "{path}"\n'
        done = subprocess.run(
            ["gcc", "-std=gnu11", "-fsyntax-only", *flags, "-x", "c", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            wrong.append(f"{short(path)}:\n{done.stderr}")
    assert not wrong, "\n".join(wrong)


# --- lengths ---


@pytest.mark.parametrize("folder", ("core", "policy", "tools"))
def test_file_lengths(folder):
    long = [
        f"{short(p)}: {len(code_lines(read(p)))} code lines"
        for p in sources(folder)
        if len(code_lines(read(p))) > FILE_LINES
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("folder", ("core", "policy", "tools"))
def test_function_lengths(folder, record_property):
    found = [
        (lines, name, short(path))
        for path in sources(folder)
        for name, lines in functions(path)
    ]
    assert found, f"no function found in {folder}"
    lengths = sorted(lines for lines, _, _ in found)
    p90 = lengths[len(lengths) * 9 // 10]
    long = [f"{p}: {name}: {n} lines" for n, name, p in found if n > FUNCTION_LINES]
    assert not long, "\n".join(long)
    median = statistics.median(lengths)
    note = f"{folder}: functions of {median:g} lines in the median, {p90} at p90"
    record_property("note", note)
    assert median <= FUNCTION_MEDIAN
    assert p90 <= FUNCTION_P90, f"p90 is {p90}"


def test_core_code_lines(record_property):
    total = sum(len(code_lines(read(path))) for path in code_in_core())
    note = f"core: {total} code lines, at most {CORE_CODE_LINES}"
    record_property("note", note)
    assert total <= CORE_CODE_LINES, note


def test_core_image_size(record_property):
    """What the image takes on disk without debugging data and symbols."""
    image = os.path.join(BUILD, "core", "casemate.elf")
    stripped = os.path.join(BUILD, "core", "casemate.stripped")
    subprocess.run(["strip", "-o", stripped, image], check=True)
    size = os.path.getsize(stripped)
    note = f"core: image {size // 1024} KiB, at most {CORE_IMAGE_BYTES // 1024}"
    record_property("note", note)
    assert size <= CORE_IMAGE_BYTES


# --- form ---


@pytest.mark.skipif(not shutil.which("clang-format"), reason="no clang-format")
@pytest.mark.parametrize("folder", C_FOLDERS)
def test_format(folder):
    files = [p for p in sources(folder) if not p.endswith(".def")]
    done = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", *files],
        capture_output=True,
        text=True,
        cwd=TOP,
        check=False,
    )
    wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)))
    assert done.returncode == 0, "clang-format -i " + " ".join(map(short, wrong))


def test_every_file_says_its_licence():
    endings = (".c", ".h", ".S", ".lds", ".py", ".def", ".pol", ".cfg", ".list")
    missing = [
        short(path)
        for folder in (*C_FOLDERS, "proofs", "attest", "vtpm")
        for path in sources(folder, endings)
        if "SPDX-License-Identifier: Apache-2.0" not in read(path)[:300]
        and "/accept/" not in path
        and "/reject/" not in path
    ]
    assert not missing, "\n".join(missing)


def test_no_machine_paths():
    """Nothing of the machine it was written on."""
    listing = git("ls-files", "-co", "--exclude-standard").stdout.split()
    if not listing:
        pytest.skip("not a git tree")
    wrong = []
    pattern = re.compile(r"/(?:work|home|root)/[a-z]|/de" r"v/kvm\b")
    for name in listing:
        path = os.path.join(TOP, name)
        if name.startswith("docs/") or not os.path.isfile(path):
            continue
        wrong += [f"{name}: {m[0]}" for m in pattern.finditer(read(path))]
    assert not wrong, "\n".join(wrong)


# --- deliberate faults: each still has its place in the source ---


def test_fuzz_faults_apply():
    path = os.path.join(TOP, "tests", "fuzz", "faults.py")
    done = subprocess.run([path, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_proof_mutants_apply():
    lost = []
    for line in read(os.path.join(TOP, "proofs", "mutants", "list")).splitlines():
        if not line or line.startswith("#"):
            continue
        source, function, change, _ = line.split(" | ")
        before = read(os.path.join(TOP, source))
        after = subprocess.run(
            ["sed", change], input=before, capture_output=True, text=True, check=False
        )
        if after.returncode != 0 or after.stdout == before:
            lost.append(f"{source}: {function}: {change}")
    assert not lost, "\n".join(lost)
