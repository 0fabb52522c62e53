# SPDX-License-Identifier: Apache-2.0
"""What goes wrong in dom0's tool on the real core: said clearly, undone."""

import re

import pytest

from cases import GUEST_BOOT


@pytest.fixture
def same_memory(dom0):
    """Whatever fails, no frame and no domain is left over."""
    free = dom0.free_frames()
    yield
    assert dom0.free_frames() == free
    assert dom0.names() == {"Domain-0"}


@pytest.mark.usefixtures("same_memory")
class TestCreate:
    def test_no_such_file(self, dom0):
        dom0.fails("casemate create /tmp/nothing.cfg", "/tmp/nothing.cfg")

    def test_unknown_label(self, dom0):
        path = dom0.config("guest", label="green_t@secret")
        dom0.fails(f"casemate create {path}", path, "green_t@secret")

    def test_label_not_for_domains(self, dom0):
        path = dom0.config("guest", label="policy_t@unclassified")
        dom0.fails(
            f"casemate create {path}",
            *(path, "policy_t@unclassified", "no domain may carry it"),
        )

    def test_label_that_policy_keeps(self, dom0):
        """A second dom0: no rule lets dom0 make one."""
        label = "dom0_t@unclassified..secret:crypto,sigint"
        path = dom0.config("guest", label=label)
        dom0.fails(f"casemate create {path}", label, "policy refuses", "audit")

    def test_missing_kernel(self, dom0):
        path = dom0.config("guest", kernel="/guests/none")
        dom0.fails(f"casemate create {path}", "/guests/none")

    def test_corrupt_kernel(self, dom0):
        dom0.must(
            "cp /guests/vmlinuz /tmp/bad; printf XXXX | "
            "dd of=/tmp/bad bs=1 seek=3000000 conv=notrunc 2>/dev/null"
        )
        path = dom0.config("guest", kernel="/tmp/bad")
        dom0.fails(f"casemate create {path}", "/tmp/bad", timeout=GUEST_BOOT)

    def test_truncated_kernel(self, dom0):
        dom0.must("head -c 2000000 /guests/vmlinuz >/tmp/short")
        path = dom0.config("guest", kernel="/tmp/short")
        dom0.fails(f"casemate create {path}", "/tmp/short", timeout=GUEST_BOOT)

    def test_not_a_kernel(self, dom0):
        path = dom0.config("guest", kernel="/guests/guest.cpio")
        dom0.fails(f"casemate create {path}", "/guests/guest.cpio")

    def test_syntax_error(self, dom0):
        dom0.write("/tmp/bad.cfg", 'name = "x"\nkernel == 3\n')
        dom0.fails("casemate create /tmp/bad.cfg", "/tmp/bad.cfg:2")

    def test_out_of_memory(self, dom0):
        """More than is free: refused in the middle of populating."""
        path = dom0.config("guest", memory=2900)
        output = dom0.fails(
            f"casemate create {path}", "not enough free memory", timeout=GUEST_BOOT
        )
        assert re.search(r"\d+ of \d+ pages", output), output

    def test_nothing_is_free(self, dom0):
        """With memory taken almost to the last frame, smaller and smaller
        guests are refused, and every refusal gives back what it took."""
        tiny = {"kernel": "/guests/test/hello.elf", "ramdisk": None, "cmdline": ""}
        tiny["label"] = "test_a_t@secret"
        taken = dom0.free_frames() // 256 - 10  # page tables need some too
        dom0.must(
            f"casemate create --paused {dom0.config('most', **tiny, memory=taken)}",
            GUEST_BOOT,
        )
        for memory in (64, 16, 8):
            free = dom0.free_frames()
            assert free < 2048
            path = dom0.config("more", **tiny, memory=memory)
            dom0.fails(f"casemate create {path}", "memory", timeout=GUEST_BOOT)
            assert dom0.free_frames() == free
            assert dom0.names() == {"Domain-0", "most"}
        dom0.must("casemate destroy most")

    def test_too_many_processors(self, dom0):
        path = dom0.config("guest", vcpus=5)
        dom0.fails(f"casemate create {path}", "vcpus")

    @pytest.mark.parametrize("delay", (0, 100, 400))
    def test_killed_in_mid_create(self, dom0, delay):
        """SIGKILL `delay` ms after the domain is there: its keeper, or the
        next list, takes it away."""
        path = dom0.config("guest")
        made = "[ -n \"$(ls /run/casemate/domains 2>/dev/null)\" ]"
        output = dom0.must(
            f"casemate create {path} >/tmp/out 2>&1 & "
            f"until {made}; do usleep 5000; done; usleep {delay * 1000}; "
            "kill -KILL $!; wait $!; echo status=$?; cat /tmp/out"
        )
        assert "status=137" in output, f"too late to kill it: {output}"
        dom0.until(f"{made} || echo nothing-left", "nothing-left")

    def test_interrupted(self, dom0):
        """SIGTERM: it says so and cleans up itself."""
        path = dom0.config("guest")
        status, output = dom0.run(f"timeout -s TERM 0.5 casemate create {path}")
        assert status == 128 + 15 and "interrupted" in output, output

def test_name_taken(dom0):
    path = dom0.config("guest")
    dom0.must(f"casemate create {path}", GUEST_BOOT)
    dom0.fails(f"casemate create {path}", "guest", timeout=GUEST_BOOT)


def test_no_such_domain(dom0):
    for command in ("info", "destroy", "pause", "console"):
        dom0.fails(f"casemate {command} nobody", "nobody")


def test_unknown_command(dom0):
    dom0.fails("casemate frobnicate", "frobnicate")


def test_audit_follows(dom0):
    """audit -f shows a refusal when it happens."""
    dom0.create("black", label="black_t@unclassified")
    dom0.create("red")
    red = dom0.json("casemate info --json red")["domid"]
    dom0.must("casemate audit -f >/tmp/audit 2>&1 & echo $! >/tmp/audit.pid")
    dom0.run(f"guest-run black guest-event offer {red}")
    dom0.until("cat /tmp/audit", "event.offer denied")
    dom0.must("kill $(cat /tmp/audit.pid)")
    line = dom0.must("grep event.offer /tmp/audit").splitlines()[-1]
    assert "black" in line and "red" in line and "alloc_unbound" in line


def test_door_is_closed_to_dom0(dom0):
    """Every way dom0 has to read a guest's memory is refused."""
    dom0.create("red")
    red = dom0.json("casemate info --json red")["domid"]
    output = dom0.must(f"dom0-pry {red}")
    assert output.count("result=refused") == 8
    assert "result=done" not in output
