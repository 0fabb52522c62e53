# SPDX-License-Identifier: Apache-2.0
"""What the stress tests and `make soak` share: a machine, a bystander on it,
guests that call at random, and what must be so after whatever they did."""

import json
import re
import time

SMALL = {"memory": 16, "ramdisk": None}
# Two that may share, one of another type, one that is only below them.
LABELS = ("test_a_t@secret", "test_a_t@secret", "test_b_t@secret", "test_a_t@unclassified")
# The fuzzer's calls that no policy, or nothing, ever answers with success.
NEVER = {
    "CONSOLEIO_read",
    "XEN_DOMCTL_getdomaininfo",
    "SCHEDOP_shutdown",
    "XENMEM_add_to_physmap_batch",
    "XENMEM_acquire_resource",
    "ANY_SUB_OP",
}


class Bench:
    """A booted machine with the bystander; knows what it was like before."""

    def __init__(self, case):
        self.case = case
        case.mark = len(case.text)
        # What dom0's own services keep of their first guest is no leak.
        self.start("first", "zero", "test_a_t@secret")
        self.console("first", "PASS zero", 120)
        case.until("casemate info first 2>&1 || echo gone", "^gone")
        self.start("bystander", "bystander", "test_b_t@secret:sigint")
        self.console("bystander", "filled", 60)
        self.questions = 0
        self.bystander = self.info("bystander")
        self.before = self.counts()

    def start(self, name, kernel, label, cmdline="", flags="", **keys):
        """Make a guest of one of the hostile kernels; its domain number."""
        keys = {**SMALL, "label": label, "cmdline": f"{kernel} {cmdline}", **keys}
        path = self.case.config(name, kernel=f"/guests/attack/{kernel}.elf", **keys)
        return self.case.json(f"casemate create {flags} --json {path}")["domid"]

    def info(self, name):
        return self.case.json(f"casemate info --json {name}")

    def console(self, name, pattern, timeout):
        """Wait for a line of the guest's; every line so far."""
        log = f"/var/log/xen/console/guest-{name}.log"
        output = self.case.until(f"cat {log}", f"^({pattern}|FAIL .*)", timeout)
        assert "FAIL" not in output, output
        return self.case.must(f"cat {log}").replace("\r", "")

    def counts(self):
        """What has to be the same again when the guests are gone."""
        version = self.case.json("casemate version --json")
        return {
            "free frames": version["free_frames"],
            "dom0's ports": json.loads(self.case.must("dom0-ports")),
            "domains": sorted(self.case.names()),
        }

    def check_up(self):
        """The core said nothing, dom0 answers, and so does the bystander, who
        has all its memory and all its secrets."""
        assert not re.search("^casemate: ", self.case.text[self.case.mark :], re.M)
        self.case.must("true")
        self.questions += 1
        tty = self.case.must(
            f"xenstore-read /local/domain/{self.bystander['domid']}/console/tty"
        ).strip()
        self.case.must(f"echo q{self.questions} >{tty}")
        self.console("bystander", f"answer q{self.questions} intact", 60)
        now = self.info("bystander")
        for key in ("frames", "max_frames", "denials", "digest"):
            assert now[key] == self.bystander[key], key

    def check_same(self):
        """Nothing is left of what came and went."""
        for _ in range(40):
            now = self.counts()
            if now == self.before:
                break
            time.sleep(0.5)
        assert now == self.before
        self.check_up()

    def destroy(self, *names):
        for name in names:
            self.case.must(f"casemate destroy {name}")

    def end(self, *domids):
        """Past the tools, by several threads at once."""
        self.case.must(f"dom0-race destroy {' '.join(map(str, domids))}", 120)

    def clear(self):
        """No guest but the bystander, no keeper that would make one again."""
        self.case.destroy_but(self.bystander["domid"])


def fuzz(bench, calls, seed, limit, say=lambda line: None):
    """`calls` random calls in all, by guests that are each other's peers. The
    sums of what came of them."""
    each = calls // len(LABELS)
    names = [f"fuzz{i}" for i in range(len(LABELS))]
    for i, name in enumerate(names):
        words = f"seed={seed + i} calls={each}"
        bench.start(name, "fuzz", LABELS[i], words, flags="--paused", vcpus=2, on_crash="preserve")
    for name in names:
        bench.case.must(f"casemate unpause {name}")
    sums, never = {}, None
    for name in names:
        end = time.monotonic() + limit
        while True:
            output = bench.case.run(f"tail -n 3 /var/log/xen/console/guest-{name}.log")[1]
            say(f"{name}: " + " | ".join(output.replace("\r", "").splitlines()))
            if re.search("^(DONE|FAIL) ", output, re.M):
                break
            # It is there, and so is the core.
            assert bench.info(name)["state"] != "shutdown", f"{name} crashed: {output}"
            assert time.monotonic() < end, f"{name} is too slow: {output}"
            time.sleep(min(5, limit / 100))
        output = bench.console(name, "DONE fuzz", 60)
        assert bench.info(name)["hypercalls"] >= each
        for line in re.findall(r"^(?:calls \d+ ok|mapped) .*$", output, re.M):
            for key, value in re.findall(r"(\w+) (\d+)", line):
                sums[key] = sums.get(key, 0) + int(value)
        missed = set(re.findall(r"^never (\w+)$", output, re.M))
        never = missed if never is None else never & missed
    bench.check_up()
    bench.destroy(*names)
    bench.check_same()
    assert never <= NEVER, f"never succeeded: {never - NEVER}"
    return sums


def fuzz_control(bench, calls, seed):
    """Random calls of the control interface from dom0; how many of each
    sub-op succeeded."""
    output = bench.case.must(
        f"dom0-control {seed} {calls} 3 {bench.bystander['domid']}", 60 + calls // 100
    )
    found = re.search(r"^control: (\d+) calls, good:((?: \d+)+)", output, re.M)
    assert int(found[1]) == calls
    bench.check_same()
    return [int(n) for n in found[2].split()]
