#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The main job, shown: three Debian guests at two levels on one machine.

Boots the core and dom0 in QEMU, launches black (unclassified), red and red2
(secret, one compartment), tries what should and what must not work, and ends
with a table: what was tried, what the policy says, what happened. What the
policy says is worked out here from the compiled image. Exit status 0 only if
every row agrees.
"""

import base64
import glob
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time

import policy

sys.path.insert(0, os.path.join(policy.TOP, "tools", "image"))
import machine  # noqa: E402 (found through the line above)

GUESTS = ("black", "red", "red2")
BYTES = 65536
LIVE = 500_000_000  # more than can be exchanged meanwhile
LOG = os.path.join(machine.BUILD, "demo.log")


def packaged_kernel():
    """(is our file the one of Debian's package, what it calls itself as
    uname -rv would)"""
    path = os.path.join(machine.BUILD, "kernel", "vmlinuz")
    with open(path, "rb") as f:
        data = f.read()
    package = glob.glob(os.path.join(machine.BUILD, "deb", "linux-image-*.deb"))[-1]
    control = subprocess.run(
        ["dpkg-deb", "--ctrl-tarfile", package], check=True, capture_output=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(control)) as tar:
        sums = tar.extractfile("./md5sums").read().decode()
    wanted = re.search(r"^(\w+)  boot/vmlinuz", sums, re.M)[1]
    # The kernel's version text, where its boot protocol says.
    at = int.from_bytes(data[0x20E:0x210], "little") + 0x200
    text = data[at : data.index(b"\0", at)].decode()
    called = re.sub(r"^(\S+) \(.*?\) ", r"\1 ", text)
    return hashlib.md5(data).hexdigest() == wanted, called


def next_policy():
    """The examples' policy without rules between two in red: its image, and
    that with a signature."""
    source = os.path.join(machine.TOP, "policy", "examples", "two-level.pol")
    tool = os.path.join(machine.BUILD, "casemate-policy")
    with open(source, encoding="ascii") as f:
        text = f.read()
    text = re.sub(r"^policy .*", 'policy "two-level" version 2', text, flags=re.M)
    text = re.sub(r"^allow red_t red_t :(\n\t.*)*\n", "", text, flags=re.M)
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "next")
        with open(path + ".pol", "w", encoding="ascii") as f:
            f.write(text)
        for words in (
            ("compile", path + ".pol", "-o", path + ".img"),
            ("sign", os.path.join(machine.BUILD, "policy.key"), path + ".img", "-o")
            + (path + ".signed",),
        ):
            subprocess.run([tool, *words], check=True, stdout=subprocess.DEVNULL)
        with open(path + ".img", "rb") as f, open(path + ".signed", "rb") as g:
            return f.read(), g.read()


class Demo:
    def __init__(self):
        self.started = time.monotonic()
        self.policy = policy.Policy(machine.MODULES["policy"])
        self.rows = []  # (tried, policy says, happened, agrees)
        self.domid = {"dom0": 0}
        self.label = {}
        self.refusals = []  # (row, what its audit record must show)
        self.machine = None

    def say(self, text):
        print(f"[{time.monotonic() - self.started:5.1f} s] {text}", flush=True)

    # --- asking ---

    def dom0(self, command, timeout=120):
        status, output = self.machine.run(command, timeout)
        return status, output

    def must(self, command, timeout=120):
        status, output = self.dom0(command, timeout)
        if status != 0:
            raise RuntimeError(f"in dom0, '{command}' ended with {status}:\n{output}")
        return output

    def guest(self, name, command, timeout=120):
        return self.dom0(f"guest-run {name} '{command}'", timeout)[1]

    def domain(self, name):
        return json.loads(self.must(f"casemate info --json {name}"))

    # --- judging ---

    def says(self, subject, target, cls, perm):
        """The policy's word on one permission, as (permitted, text)."""
        why = self.policy.decide(self.label[subject], self.label[target], cls, perm)
        if why:
            return False, f"refuse {cls}.{perm}: {why}"
        return True, f"allow {cls}.{perm}"

    def row(self, tried, says, happened, agrees):
        self.rows.append((tried, says, happened, agrees))
        self.say(f"{'ok  ' if agrees else 'NOT '} {tried}: {happened}")

    def attempts(self, subject, target, tries):
        """What one guest tries on another, against the policy's word.

        tries: (what, command, class, permission, other permissions that the
        audit may name). All commands run in one go; each prints a TRY line."""
        output = self.guest(subject, "; ".join(one[1] for one in tries))
        lines = re.findall(r"TRY \S+ object=\d+ result=(\w+) (.*)", output)
        lines += [("no answer", output.strip()[-60:])] * (len(tries) - len(lines))
        for (what, _, cls, perm, *also), (result, detail) in zip(tries, lines):
            permitted, says = self.says(subject, target, cls, perm)
            agrees = result == ("done" if permitted else "refused")
            happened = f"{result}, {detail.removeprefix('code=')}"
            if not permitted:
                wanted = (self.domid[subject], self.domid[target], cls, perm, *also)
                self.refusals.append((len(self.rows), wanted))
            self.row(f"{subject} -> {target}: {what}", says, happened, agrees)
        return output

    def check_audit(self):
        """Every refusal by the policy must have left a record."""
        records = [
            json.loads(line)
            for line in self.must("casemate audit --json").splitlines()
            if line.startswith("{") and '"sequence"' in line
        ]
        seen = {
            (r["subject"]["domid"], r["object"]["domid"], r["class"], r["permission"])
            for r in records
        }
        for index, (subject, target, cls, *perms) in self.refusals:
            tried, says, happened, agrees = self.rows[index]
            found = any((subject, target, cls, perm) in seen for perm in perms)
            happened += ", audited" if found else ", NOT AUDITED"
            self.rows[index] = (tried, says, happened, agrees and found)

    # --- the parts ---

    def launch(self):
        predicted = {}
        for name in GUESTS:
            output = subprocess.run(
                [machine.BUILD + "/casemate", "measure", "--json", name + ".cfg"],
                cwd=machine.BUILD + "/guests",
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            predicted[name] = json.loads(output)
        self.label["dom0"] = next(
            label for label in self.policy.labels if label.startswith("dom0_t@")
        )
        for name in GUESTS:
            self.label[name] = predicted[name]["label"]
            self.say(f"creating {name}, label {self.label[name]}")
            self.must(f"casemate create {name}.cfg")
        for name in GUESTS:
            info = self.domain(name)
            self.domid[name] = info["domid"]
            permitted, says = self.says("dom0", name, "launch", "finalize")
            same = info["digest"] == predicted[name]["digest"]
            self.row(
                f"launch {name}, digest predicted offline",
                says,
                f"digest {info['digest'][:12]}... "
                + ("as predicted" if same else "DIFFERS"),
                permitted and same,
            )
        for name in GUESTS:
            self.must(f"guest-run {name}", 150)
            self.say(f"{name} runs: " + self.guest(name, "uname -sr").strip())

    def red_talks_to_red2(self):
        permitted, says = self.says("red", "red2", "grant", "map_rw")
        bind, _ = self.says("red2", "red", "event", "bind")
        red, red2 = self.domid["red"], self.domid["red2"]
        path = f"/local/domain/{red}/data/vchan"
        self.guest("red", f"guest-vchan serve {red2} {path} {BYTES} >/tmp/vchan &")
        there = self.guest("red2", f"guest-vchan connect {red} {path} {BYTES}")
        here = self.guest("red", "sleep 1; cat /tmp/vchan")
        wanted = rf"VCHAN received={BYTES} from=%d checksum=\w+ ok"
        both = re.search(wanted % red, there) and re.search(wanted % red2, here)
        self.row(
            "red <-> red2: libxenvchan, 64 KiB each way",
            says,
            "data and checksums right both ways" if both else there.strip()[-60:],
            permitted and bind and bool(both),
        )

    def share(self, owner, peer, text):
        """Owner grants peer a page; the reference, from owner's own output."""
        name = f"/tmp/share-{peer}"
        command = f"guest-grant share {self.domid[peer]} 90 {text}"
        self.guest(owner, f"{command} >{name} 2>&1 & sleep 1")
        output = self.guest(owner, f"cat {name}")
        match = re.search(r"result=done ref=(\d+)", output)
        if not match:
            raise RuntimeError(f"{owner} cannot grant a page: {output}")
        return int(match.group(1)), name

    def black_and_red(self):
        for subject, target in (("black", "red"), ("red", "black")):
            peer = self.domid[target]
            ref, _ = self.share(target, subject, "granted")
            event, grant = f"guest-event %s {peer}", f"guest-grant %s {peer} {ref}"
            self.attempts(
                subject,
                target,
                [
                    ("offer an event channel", event % "offer", "event", "offer"),
                    ("bind to an event channel", event % "bind" + " 5", "event", "bind"),
                    ("map a granted page", grant % "map", "grant", "map_rw"),
                    ("map it read only", grant % "map-ro", "grant", "map_ro"),
                    ("copy from it", grant % "pull", "grant", "copy_from"),
                ],
            )

    def write_up(self):
        ref, name = self.share("red", "black", "empty")
        red = self.domid["red"]
        # The second goes to a page red never granted.
        push = f"guest-grant push {red}"
        output = self.attempts(
            "black",
            "red",
            [
                ("write up, granted", f"{push} {ref} hello-from-below", "grant", "push"),
                ("write up, not granted", f"{push} 1900 to-nowhere", "grant", "push"),
            ],
        )
        seen = self.guest("red", f"sleep 1; cat {name}")
        arrived = 'now="hello-from-below"' in seen
        permitted, says = self.says("black", "red", "grant", "push")
        self.row(
            "... what red finds in its granted page",
            says,
            "black's text" if arrived else "not black's text",
            arrived == permitted,
        )
        answers = [line for line in output.splitlines() if line.startswith("TRY")]
        answers = {re.sub(r" ref=\d+", "", line) for line in answers}
        self.row(
            "... what black learns from the two",
            "nothing",
            "nothing: same answer" if len(answers) == 1 else f"{answers}",
            len(answers) == 1 and "to-nowhere" not in seen,
        )
        ref, _ = self.share("black", "red", "below")
        push = f"guest-grant push {self.domid['black']} {ref} secret"
        self.attempts(
            *("red", "black"),
            [("write down, granted", push, "grant", "push", "copy_to")],
        )

    def dom0_pries(self):
        granted = "refuse: red granted dom0 no such page"
        closed = "refuse: the launch of red is over"
        mapping = self.says("dom0", "red", "memory", "map_rw")[1]
        resource = self.says("dom0", "red", "memory", "acquire")[1]
        says = {
            "dom0-grant-map": ("grant-map every reference", granted),
            "dom0-foreign-map": ("map frames by number", mapping),
            "dom0-resource-map": ("map Xen resources", resource),
            "dom0-frame-copy": ("grant-copy frames by number", granted),
            "dom0-domctl": ("Xen's own domain controls", "refuse: no such call"),
            "dom0-load-after-start": ("load a page", closed),
            "dom0-populate-after-start": ("add a page", closed),
            "dom0-start-again": ("start it again", closed),
        }
        _, output = self.dom0(f"dom0-pry {self.domid['red']}")
        found = dict(re.findall(r"TRY (\S+) object=\d+ result=(.*)", output))
        for name, (what, word) in says.items():
            happened = found.get(name, "no answer")
            if word in (mapping, resource):
                perm = "map_rw" if word == mapping else "acquire"
                wanted = (0, self.domid["red"], "memory", perm)
                self.refusals.append((len(self.rows), wanted))
            self.row(
                f"dom0 -> red: {what}",
                word,
                happened.replace(" code=", ", "),
                word.startswith("refuse") and happened.startswith("refused"),
            )

        # The one way there is, and the proof that refusals are no accident.
        ref, _ = self.share("red", "dom0", "for-dom0")
        _, output = self.dom0(f"guest-grant map-ro {self.domid['red']} {ref}")
        permitted, word = self.says("dom0", "red", "grant", "map_ro")
        mapped = 'text="for-dom0"' in output
        self.row(
            "dom0 -> red: map a page red granted to dom0",
            word,
            "done, red's text read" if mapped else output.strip()[-60:],
            permitted == mapped,
        )

    def kernels(self):
        """Whose kernels these were, from the guests' own consoles."""
        is_packaged, called = packaged_kernel()
        for name in GUESTS:
            output = self.guest(name, "uname -rv").strip()
            self.row(
                f"{name}'s own console: uname -rv",
                "Debian's kernel, file as packaged",
                output,
                is_packaged and output == called,
            )

    def put(self, data, path):
        """A file in dom0, through its console: a line there has 4,095 bytes."""
        text = base64.b64encode(data).decode()
        self.must(f": >{path}.b64")
        for at in range(0, len(text), 3000):
            self.must(f"echo {text[at:at + 3000]} >>{path}.b64")
        self.must(f"base64 -d <{path}.b64 >{path}")

    def load(self, data):
        """casemate policy load: its status, and what it says."""
        self.put(data, "/tmp/next.img")
        status, output = self.dom0("casemate policy load /tmp/next.img")
        return status, output.strip().removeprefix("casemate: /tmp/next.img: ")

    def another_policy(self):
        """Version 2, without the rules between red and red2, while they talk."""
        unsigned, signed = next_policy()
        red, red2 = self.domid["red"], self.domid["red2"]
        path = f"/local/domain/{red}/data/live"
        for name, command in (
            ("red", f"serve {red2} {path} {LIVE}"),
            ("red2", f"connect {red} {path} {LIVE}"),
        ):
            self.guest(name, f"guest-vchan {command} >/tmp/live 2>&1 & sleep 1")
        talking = "done" in self.guest("red2", "sleep 1; cat /tmp/live")
        status, said = self.load(unsigned)
        self.row("load a policy without a signature", "must be signed", said, status == 1)
        status, said = self.load(signed)
        cut = re.search(r"(\d+) grant mappings, (\d+) event channels", said)
        self.row(
            "load version 2, which ends red <-> red2",
            "signed and newer",
            said,
            talking and status == 0 and bool(cut) and "0" not in cut.groups(),
        )
        wait = "for i in 1 2 3 4 5 6 7 8 9; do grep -q failed /tmp/live && break; sleep 1; "
        ended = self.guest("red2", wait + "done; cat /tmp/live").strip().splitlines()
        self.row(
            "... the channel that red and red2 had",
            "refuse event.bind: no rule",
            ended[-1] if ended else "no answer",
            bool(ended) and "failed" in ended[-1],
        )
        alive = [n for n in GUESTS if n in self.guest(n, "xenstore-read name")]
        self.row(
            "... black, red and red2 themselves",
            "keep running",
            ", ".join(alive) + " answer",
            alive == list(GUESTS),
        )
        revoked = self.must("casemate audit | grep -c revoked").strip()
        wanted = str(sum(map(int, cut.groups()))) if cut else ""
        self.row(
            "... on record",
            "each mapping and channel",
            f"{revoked} audit records",
            revoked == wanted,
        )
        status, said = self.load(signed)
        self.row("load it once more", "must be newer", said, status == 1)

    def quote_audit(self):
        print("\nAudit, as dom0 reads it (casemate audit), first of each kind:\n")
        kinds = set()
        for line in self.must("casemate audit").splitlines():
            kind = re.sub(r"^.*? dom", "dom", line)
            if kind not in kinds and len(kinds) < 30:
                kinds.add(kind)
                print("  " + line)

    def table(self):
        heads = ("tried", "policy says", "happened", "")
        lines = [(*row[:3], "" if row[3] else "<-- NO") for row in self.rows]
        width = [max(len(line[i]) for line in [heads, *lines]) for i in range(3)]
        print()
        for line in [heads, tuple("-" * w for w in width), *lines]:
            cells = [cell.ljust(w) for cell, w in zip(line, width)]
            print(("  ".join(cells) + "  " + "".join(line[3:])).rstrip())

    def run(self):
        self.say("booting the core and dom0 in QEMU (emulated, no KVM)")
        with machine.workspace() as directory:
            boot = machine.direct(
                directory + "/bundle",
                dom0_line=machine.DOM0_LINE + " casemate.run=agent",
            )
            with machine.Machine(machine.qemu() + boot, log=LOG) as self.machine:
                self.machine.ready()
                self.say("dom0 runs: " + self.must("uname -sr").strip())
                self.launch()
                self.red_talks_to_red2()
                self.black_and_red()
                self.write_up()
                self.dom0_pries()
                self.kernels()
                self.check_audit()
                self.quote_audit()
                self.another_policy()
                self.table()
                self.machine.poweroff()
        good = sum(1 for row in self.rows if row[3])
        print(f"\n{good} of {len(self.rows)} rows agree", end="; ")
        print(f"{time.monotonic() - self.started:.0f} s; console log: build/demo.log")
        return 0 if good == len(self.rows) else 1


def main():
    demo = Demo()
    try:
        return demo.run()
    except (machine.Timeout, RuntimeError, OSError, ValueError) as error:
        if demo.rows:
            demo.table()
        print(f"\ndemo: {error}", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        print(f"demo: {error}\n{error.stderr}", file=sys.stderr)
    return 1


sys.exit(main())
