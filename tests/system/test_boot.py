# SPDX-License-Identifier: Apache-2.0
"""The core starts under each firmware and number of processors."""

import json
import os
import subprocess

import pytest

import machine
from cases import AGENT, MODULES

TOP = machine.TOP


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    """A GRUB image with the tests' modules and dom0 running the agent."""
    path = str(tmp_path_factory.mktemp("iso") / "test.iso")
    modules = [MODULES[r] for r in ("dom0-kernel", "dom0-initrd", "policy")]
    subprocess.run(
        [f"{TOP}/tools/image/iso", path, machine.CORE, *modules]
        + [machine.CORE_LINE, AGENT],
        check=True,
    )
    return path


def check_and_power_off(case, cpus):
    case.ready()
    version = json.loads(case.must("casemate version --json"))
    assert version["processors"] == cpus
    assert case.must("nproc").strip() == "2"
    devices = case.must("ls /dev/xen").split()
    assert {"privcmd", "evtchn", "gntdev", "gntalloc", "xenbus"} <= set(devices)
    assert case.poweroff() == 0


@pytest.mark.parametrize("cpus", (1, 2, 4))
def test_direct(boot, cpus):
    check_and_power_off(boot(cpus=cpus), cpus)


def test_seabios(boot, image):
    check_and_power_off(boot(source=machine.iso(image)), 2)


def test_ovmf(boot, image, tmp_path):
    source = machine.ovmf(str(tmp_path)) + machine.iso(image)
    check_and_power_off(boot(source=source), 2)


def test_reboot(boot):
    """QEMU ends at a reset (-no-reboot), after the core passed it on."""
    case = boot()
    case.ready()
    case.type("off reboot -f\n")
    assert case.wait(60) == 0
    assert "Restarting system" in case.text or "reboot" in case.text


def test_release_image(boot):
    """What make iso writes starts dom0 with a shell on its console."""
    path = os.path.join(machine.BUILD, "casemate.iso")
    case = boot(source=machine.iso(path))
    case.expect("Casemate dom0", 90)
    case.expect("# ", 30)
    case.type("echo here-$((40 + 2))\n")
    case.expect("here-42", 30)
    case.type("poweroff -f\n")
    assert case.wait(60) == 0
