# SPDX-License-Identifier: Apache-2.0
"""What the core keeps for a guest, page tables not counted."""

import os
import re
import shutil
import subprocess

import pytest

from conftest import TOP

LIMIT = 64 * 1024
PAGE = 4096
MORE = 24  # domains, to measure what one more costs; 128 is the most


def data_bytes(core, limit=None):
    """The data of the core's image, built for so many domains."""
    if limit is not None:
        header = os.path.join(core, "abi", "limits.h")
        with open(header) as file:
            text = file.read()
        text, count = re.subn(r"(MAX_DOMAINS )\d+", rf"\g<1>{limit}", text)
        assert count == 1
        with open(header, "w") as file:
            file.write(text)
    subprocess.run(["make", "-C", core], check=True, stdout=subprocess.DEVNULL)
    elf = os.path.join(core, "..", "build", "core", "casemate.elf")
    sizes = subprocess.run(["size", elf], check=True, capture_output=True, text=True)
    return sum(int(word) for word in sizes.stdout.splitlines()[1].split()[1:3])


@pytest.fixture(scope="module")
def static_bytes(tmp_path_factory):
    """By how much the image grows for one domain more: whatever has a place
    for each domain is in it, wherever it stands."""
    core = str(tmp_path_factory.mktemp("larger") / "core")
    shutil.copytree(os.path.join(TOP, "core"), core)
    with open(os.path.join(core, "abi", "limits.h")) as file:
        limit = int(re.search(r"MAX_DOMAINS (\d+)", file.read())[1])
    before = data_bytes(core)
    grown = data_bytes(core, limit + MORE) - before
    assert grown >= MORE * 8192, "not even the event ports"
    return -(-grown // MORE)


@pytest.mark.parametrize("vcpus", (1, 4))
def test_guest_footprint(dom0, static_bytes, vcpus):
    dom0.create("guest", vcpus=vcpus)
    info = dom0.json("casemate info --json guest")
    own = info["core_frames"] - info["table_frames"]
    # shared_info, grant entries and their counts, control blocks; and the
    # tables for 144 MiB
    assert own >= 3 + vcpus
    assert info["table_frames"] >= 144 // 2 + 3
    total = static_bytes + own * PAGE
    print(f"{vcpus} vCPUs: {static_bytes} bytes and {own} frames, {total} bytes")
    assert total <= LIMIT
