# SPDX-License-Identifier: Apache-2.0
"""What the core cannot start with: one readable line, then nothing."""

import os
import re
import subprocess

import pytest

import machine
from cases import AGENT, MODULES


@pytest.mark.parametrize("role", MODULES)
def test_missing_module(boot, role):
    rest = {name: path for name, path in MODULES.items() if name != role}
    assert role in boot(modules=rest).refuses("missing")


def test_missing_module_in_image(boot, tmp_path):
    path = str(tmp_path / "no-policy.iso")
    modules = [MODULES["dom0-kernel"], MODULES["dom0-initrd"], ""]
    subprocess.run(
        [f"{machine.TOP}/tools/image/iso", path, machine.CORE, *modules]
        + [machine.CORE_LINE, AGENT],
        check=True,
    )
    assert "module2" in boot(source=machine.iso(path)).refuses("policy")


def policy_with(tmp_path, change):
    with open(MODULES["policy"], "rb") as f:
        image = bytearray(f.read())
    path = str(tmp_path / "policy.img")
    with open(path, "wb") as f:
        f.write(change(image))
    return {**MODULES, "policy": path}


def set_byte(at, value):
    def change(image):
        image[at] ^= value
        return image

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: image[:-8], id="truncated"),
        pytest.param(lambda image: image + bytes(8), id="longer"),
        pytest.param(lambda image: image[:100], id="header-only"),
        pytest.param(lambda image: b"not a policy at all\n" * 50, id="text"),
        pytest.param(set_byte(0, 1), id="magic"),
        pytest.param(set_byte(8, 2), id="format"),
        pytest.param(set_byte(104, 1), id="class-table"),
    ],
)
def test_invalid_policy(boot, tmp_path, change):
    boot(modules=policy_with(tmp_path, change)).refuses("policy refused: ")


def test_truncated_module(boot):
    """The list of modules promises more than there is."""

    def grow(line):
        return re.sub(r"policy:(\d+)", lambda m: f"policy:{int(m[1]) + 10**6}", line)

    assert "policy" in boot(append=grow).refuses("cut short")


def test_kernel_is_no_kernel(boot, tmp_path):
    path = str(tmp_path / "vmlinux")
    with open(path, "wb") as f:
        f.write(b"\x7fELF" + os.urandom(8192))
    boot(modules={**MODULES, "dom0-kernel": path}).refuses("kernel[^\n]*halted")


def test_truncated_kernel(boot, tmp_path):
    path = str(tmp_path / "vmlinux")
    with open(MODULES["dom0-kernel"], "rb") as f, open(path, "wb") as out:
        out.write(f.read(20 << 20))
    boot(modules={**MODULES, "dom0-kernel": path}).refuses("kernel[^\n]*halted")


def test_no_svm(boot):
    boot(cpu="EPYC,-svm,+umip,-monitor").refuses("SVM")


def test_no_nested_paging(boot):
    boot(cpu="EPYC,+svm,-npt,+umip,-monitor").refuses("nested paging")


def test_too_little_memory(boot):
    boot(memory=512).refuses("memory[^\n]*halted")
