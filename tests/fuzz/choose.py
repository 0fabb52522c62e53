#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A small corpus out of a merged one: seed-*, and greedily what adds most.

    choose.py CONTROL_FILE TO COUNT
"""
import hashlib
import pathlib
import sys


def reach_of(control):
    """What each input reaches, from libFuzzer's control file of a merge."""
    lines = control.read_text().splitlines()
    files = [pathlib.Path(name) for name in lines[2:2 + int(lines[0])]]
    reach = {path: set() for path in files}
    for line in lines:
        kind, *numbers = line.split()
        if kind in ("FT", "COV"):
            reach[files[int(numbers[0])]] |= {(kind, n) for n in numbers[1:]}
    return reach


def worth(gain):
    """An edge counts more than one more count of it."""
    return sum(20 if kind == "COV" else 1 for kind, _ in gain)


def main():
    control, target, count = sys.argv[1:]
    reach = reach_of(pathlib.Path(control))
    chosen = [path for path in reach if path.name.startswith("seed-")]
    covered = set().union(*(reach[path] for path in chosen))
    while len(chosen) < int(count):
        best = max(reach, key=lambda p: (worth(reach[p] - covered), -p.stat().st_size))
        if not reach[best] - covered:
            break
        covered |= reach[best]
        chosen.append(best)
    texts = [path.read_bytes() for path in chosen]
    for old in pathlib.Path(target).glob("[!s]*"):
        old.unlink()
    for path, text in zip(chosen, texts):
        if not path.name.startswith("seed-"):
            (pathlib.Path(target) / hashlib.sha1(text).hexdigest()[:12]).write_bytes(text)
    every = set().union(*reach.values())
    print(f"{target}: {len(chosen)} of {len(reach)} files, "
          f"{len(covered)} of {len(every)} features")


main()
