# SPDX-License-Identifier: Apache-2.0
"""clang-tidy, as .clang-tidy says, over every C file that is not a test."""

import concurrent.futures
import glob
import os
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLAGS = {
    "core": "-std=c11 -ffreestanding -mno-sse -Icore -Ibuild/include "
    "-D__XEN_INTERFACE_VERSION__=0x00040e00",
    "policy": "-std=c11 -D_GNU_SOURCE -Icore -Ipolicy -Ipolicy/lang",
    "tools": "-std=gnu11 -D_GNU_SOURCE -Icore -Itools",
}


def tidy(folder, path):
    done = subprocess.run(
        ["clang-tidy", "--quiet", path, "--", *FLAGS[folder].split()],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("folder", FLAGS)
def test_tidy(folder):
    paths = sorted(glob.glob(f"{folder}/**/*.c", root_dir=TOP, recursive=True))
    assert paths, f"no file in {folder}"
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = list(pool.map(lambda p: tidy(folder, p), paths))
    bad = [said for code, said in answers if code != 0]
    assert not bad, "\n".join(bad)
