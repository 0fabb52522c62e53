#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Is the fuzzer blind? Break a copy of the core on purpose, one fault at a
time (faults.def), and see after how many runs fuzz_hypercall finds it.

    faults.py [--seconds N] [--empty] [NAME...]

--empty: without the committed corpus. The copy is build/fuzz-faults.
"""
import argparse
import pathlib
import re
import shutil
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
COPY = TOP / "build" / "fuzz-faults"
PARTS = ["core", "policy", "tests/unit", "tests/fuzz"]


def read_faults():
    for block in (TOP / "tests/fuzz/faults.def").read_text().split("\n\n"):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        if not lines:
            continue
        name, path = lines[0].split()
        cut = lines.index("=>")
        yield name, path, lines[1:cut], "\n".join(lines[cut + 1:])


def places(text, old):
    """Where the lines of the fault stand in the text, however indented."""
    pattern = r"\s*".join(re.escape(line.strip()) for line in old)
    return [found.span() for found in re.finditer(pattern, text)]


def build():
    return subprocess.run(["nice", "make", "-C", COPY / "tests/fuzz",
                           "../../build/fuzz/fuzz_hypercall", "WARN=-w"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(seconds, corpus):
    program = COPY / "build/fuzz/fuzz_hypercall"
    work = COPY / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    done = subprocess.run(["nice", program, "-max_len=577", "-seed=1", "-reload=0", "-keep_seed=1",
                           f"-max_total_time={seconds}", "-print_final_stats=1",
                           f"-artifact_prefix={COPY}/found-", work, *corpus],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")
    runs = re.search(r"number_of_executed_units: (\d+)", done.stdout)
    runs = runs.group(1) if runs else "?"
    if done.returncode == 0:
        return f"NOT FOUND in {runs} runs"
    why = re.search(r"FINDING: (.*)|ERROR: AddressSanitizer: (\S+)|runtime error: (.*)",
                    done.stdout)
    why = next(filter(None, why.groups())) if why else done.stdout[-300:]
    return f"found after {runs} runs: {why}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--check", action="store_true", help="only: is each fault's place there?")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.check:
        lost = [name for name, path, old, _ in read_faults()
                if len(places((TOP / "core" / path).read_text(), old)) != 1]
        raise SystemExit(f"mend faults.def: {' '.join(lost)}" if lost else 0)
    shutil.rmtree(COPY, ignore_errors=True)  # objects of the last fault
    for part in PARTS:
        shutil.copytree(TOP / part, COPY / part)
    corpus = [] if args.empty else [COPY / "tests/fuzz/corpus/hypercall"]
    found = tried = 0
    for name, path, old, new in read_faults():
        if args.names and name not in args.names:
            continue
        source = COPY / "core" / path
        text = (TOP / "core" / path).read_text()
        (start, end), = places(text, old)  # or mend faults.def: see --check
        source.write_text(text[:start] + new + text[end:])
        made = build()
        result = run(args.seconds, corpus) if made.returncode == 0 else \
            "DOES NOT BUILD: " + made.stdout[-400:]
        print(f"{name}: {result}", flush=True)
        source.write_text(text)
        tried += 1
        found += result.startswith("found")
    print(f"{found} of {tried} faults found")
    raise SystemExit(found != tried)


main()
