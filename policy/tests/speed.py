#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long a large policy takes, beside checkpolicy on the same one:
make -C policy speed. Numbers are of this machine; compare the ratio.

1,000 labels of 125 types at 8 levels, 10,000 pairs of types with a rule.
"""
import json
import pathlib
import random
import shutil
import subprocess
import tempfile
import time

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
TYPES, LEVELS, PAIRS, RUNS = 125, 8, 10000, 5


def source(types, levels, pairs):
    chance = random.Random(1)
    names = ["t%03d_t" % i for i in range(types - 1)]
    sens = ["s%d" % i for i in range(levels)]
    lines = ['policy "speed" version 1', "levels " + " < ".join(sens),
             "type o_t object", "label o_t@s0"]
    lines += ["type %s domain" % n for n in names]
    lines += ["label %s@%s" % (n, s) for n in names for s in sens]
    lines += ["initial dom0 %s@s0" % names[0]]
    lines += ["initial %s o_t@s0" % slot for slot in (
        "core_pub", "policy", "core_state", "audit", "console")]
    every = [(a, b) for a in names for b in names]
    for a, b in chance.sample(every, min(pairs, len(every))):
        perms = chance.sample(["offer", "send", "bind"], 2)
        lines.append("allow %s %s : event { %s } grant { push }"
                     % (a, b, " ".join(perms)))
    return "\n".join(lines) + "\n"


def best(*words):
    times = []
    for _ in range(RUNS):
        start = time.monotonic()
        subprocess.run([str(w) for w in words], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        times.append(time.monotonic() - start)
    return min(times)


def monitor(text, place):
    (place / "m.pol").write_text(text)
    subprocess.run([BUILD / "casemate-policy", "compile", place / "m.pol",
                    "-o", place / "m.img"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return json.loads(subprocess.run(
        [BUILD / "policy-speed", place / "m.img"], check=True,
        stdout=subprocess.PIPE).stdout)


def main():
    with tempfile.TemporaryDirectory() as name:
        place = pathlib.Path(name)
        (place / "p.pol").write_text(source(TYPES, LEVELS, PAIRS))
        ours = best(BUILD / "casemate-policy", "compile", place / "p.pol",
                    "-o", place / "p.img", "--cil", place / "p.cil")
        size = (place / "p.img").stat().st_size
        print("compile, flow check, claims, image: %.3f s, %d bytes"
              % (ours, size))
        if shutil.which("secilc") and shutil.which("checkpolicy"):
            secilc = best("secilc", "-t", "xen", "-c", "30", "-o",
                          place / "p.bin", "-f", "/dev/null", place / "p.cil")
            print("secilc on the same policy:         %.3f s; ours / its "
                  "%.2f" % (secilc, ours / secilc))
            subprocess.run(["checkpolicy", "-M", "-b", "-F", "-o",
                            place / "p.conf", place / "p.bin"], check=True,
                           stdout=subprocess.DEVNULL)
            theirs = best("checkpolicy", "-t", "xen", "-c", "30", "-M", "-o",
                          place / "c.bin", place / "p.conf")
            print("checkpolicy on the same policy:    %.3f s; ours / its "
                  "%.2f" % (theirs, ours / theirs))
        for types in (17, 125):
            m = monitor(source(types, LEVELS, PAIRS), place)
            print("core: %d labels: install with flow check %.2f ms, a "
                  "decision %.1f ns" % (m["labels"], m["install_ms"],
                                        m["decide_ns"]))


main()
