# SPDX-License-Identifier: Apache-2.0
"""A machine under test: Machine plus what the tests ask of dom0."""

import json
import os
import re
import shlex
import time

import machine

MODULES = {
    "dom0-kernel": os.path.join(machine.BUILD, "vmlinux"),
    "dom0-initrd": os.path.join(machine.BUILD, "test.cpio"),
    "policy": os.path.join(machine.BUILD, "test.img"),
}
AGENT = machine.DOM0_LINE + " casemate.run=agent"

# Four times what each took on two slow cores, in seconds.
BOOT, REFUSE, COMMAND, GUEST_BOOT = 90, 30, 60, 150


class Case(machine.Machine):
    def __init__(
        self,
        log,
        directory,
        cpus=2,
        memory=3072,
        cpu="EPYC,+svm,+npt,+umip,-monitor",
        modules=None,
        core_line=machine.CORE_LINE,
        source=None,
        append=None,
        icount=False,
    ):
        """source: QEMU arguments that boot, instead of the direct path;
        append: changes the direct path's command line."""
        boot = source
        if boot is None:
            target = os.path.join(directory, "bundle")
            boot = machine.direct(target, modules or MODULES, core_line, AGENT)
            if append:
                boot[-1] = append(boot[-1])
        self.mark = 0
        super().__init__(machine.qemu(cpus, memory, cpu, icount) + boot, log=log)

    def ready(self, timeout=BOOT):
        super().ready(timeout)

    def refuses(self, pattern, timeout=REFUSE):
        """The core prints one line that says why, and stops there."""
        match = self.expect(rf"^casemate: [^\n]*{pattern}[^\n]*\n", timeout)
        time.sleep(1)
        rest = self.text[match.end() :].strip()
        assert rest == "", f"more than one line: {rest}"
        return match[0]

    def must(self, command, timeout=COMMAND):
        status, output = self.run(command, timeout)
        assert status == 0, f"{command}: status {status}: {output}"
        return output

    def fails(self, command, *words, timeout=COMMAND):
        """The command fails with a message that has all these words."""
        status, output = self.run(command, timeout)
        assert 0 < status < 124, f"{command}: status {status}: {output}"
        for word in words:
            assert word in output, f"{command}: no '{word}' in: {output}"
        return output

    def json(self, command):
        return json.loads(self.must(command))

    def write(self, path, text):
        """A file in dom0, through the shell."""
        self.must(f"printf %b {shlex.quote(text.replace(chr(10), chr(92) + 'n'))} >{path}")

    def config(self, name, **keys):
        """Write a guest file; the path."""
        values = {
            "kernel": "/guests/vmlinuz",
            "ramdisk": "/guests/guest.cpio",
            "cmdline": "console=hvc0 quiet loglevel=3",
            "memory": 144,
            "vcpus": 1,
            "label": "red_t@secret:crypto",
            "name": name,
            **keys,
        }
        lines = [
            f"{key} = {json.dumps(value)}"
            for key, value in values.items()
            if value is not None
        ]
        path = f"/tmp/{name}.cfg"
        self.write(path, "\n".join(lines) + "\n")
        return path

    def create(self, name, **keys):
        """Launch a Debian guest and wait for its agent."""
        self.must(f"casemate create {self.config(name, **keys)}")
        self.must(f"guest-run {name}", GUEST_BOOT)

    def free_frames(self):
        return self.json("casemate version --json")["free_frames"]

    def names(self):
        return {d["name"] for d in self.json("casemate list --json")}

    def until(self, command, pattern, timeout=COMMAND, pause_us=500000):
        """Repeat a command in dom0 until a line of its output matches."""
        count = timeout * 1000000 // pause_us
        loop = f"for i in $(seq {count}); do {{ {command}; }} 2>&1 | "
        loop += f"grep -E -e {shlex.quote(pattern)} && break; usleep {pause_us}; done"
        output = self.run(loop, timeout * 2)[1].replace("\r", "")
        found = re.search(pattern, output, re.M)
        assert found, f"no '{pattern}' in the output of {command}"
        return output

    def is_sane(self):
        try:
            return self.process.poll() is None and self.run("true", 20)[0] == 0
        except machine.Timeout:
            return False

    def destroy_but(self, domid):
        """Destroy every guest but that one; their keepers go by themselves. It
        is called bystander and keeps its console's log."""
        self.must(
            "rm -f /tmp/*.cfg; for i in $(seq 100); do "
            "ids=$(casemate list | sed -n 's/^ *\\([1-9][0-9]*\\) .*/\\1/p' | "
            f"grep -vx {domid}); "
            '[ -z "$ids" ] && break; '
            "for id in $ids; do casemate destroy $id; done; "
            "usleep 200000; done; rm -f $(ls /var/log/xen/console/guest-*.log | "
            "grep -v bystander) /var/log/casemate/*; [ -z \"$ids\" ]",
            4 * COMMAND,
        )

    def clean_up(self):
        """Nothing of the last test is left: no guest, no keeper of one that
        would make it again (without its guest file it cannot), no log."""
        output = self.must(
            "rm -f /tmp/*.cfg; for i in $(seq 100); do "
            "ids=$(casemate list | sed -n 's/^ *\\([1-9][0-9]*\\) .*/\\1/p'); "
            'if [ -z "$ids" ] && ! pidof casemate >/dev/null; then '
            "rm -rf /var/log/xen/console/* /var/log/casemate; echo clean; "
            "break; fi; for id in $ids; do casemate destroy $id; done; "
            "usleep 200000; done 2>&1",
            4 * COMMAND,
        )
        assert output.endswith("clean\n"), f"a test left something: {output}"
