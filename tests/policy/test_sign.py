# SPDX-License-Identifier: Apache-2.0
"""Signing policies: both ways against a second implementation, what is not
signed, and that no index is ever used for two messages."""
import hashlib
import json
import os
import random
import re
import signal
import struct
import subprocess
import time

import pytest

from conftest import BUILD, POLICY, ROOT, TOOL, compile_policy, run
from lms import Signer, verify

# The sanitizers make keys of 1,024 signatures slow.
FAST = ROOT / "build" / "casemate-policy"


@pytest.fixture(scope="module", autouse=True)
def fast():
    subprocess.run(["make", "-s", "-C", str(POLICY), str(FAST)], check=True)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    path = tmp_path_factory.mktemp("image") / "p.img"
    compile_policy(POLICY / "examples/two-level.pol", path)
    return path


@pytest.fixture
def key(tmp_path):
    """A key of 32 signatures: its file, and the public key."""
    path = tmp_path / "key"
    done = run(TOOL, "keygen", "--height", "5", path)
    assert done.returncode == 0, done.err
    return path, done.out.strip()


def sign(key, image, out, tool=TOOL):
    done = run(tool, "sign", key, image, "-o", out)
    assert done.returncode == 0, done.err
    return out.read_bytes()[image.stat().st_size:]


def digest(image):
    return hashlib.sha384(image.read_bytes()).digest()


def index_of(signature):
    return struct.unpack(">I", signature[:4])[0]


def test_the_other_is_right():
    """By the RFC's own example."""
    text = (ROOT / "tests/unit/rfc8554.txt").read_text()
    parts = dict(re.findall(r"^(key|message|signature)\n([0-9a-f\n]+)", text,
                            re.M))
    key, message, signature = (bytes.fromhex(parts[name]) for name in
                               ("key", "message", "signature"))
    assert verify(key, signature, message)
    assert not verify(key, signature, message + b"x")


def test_ours_by_the_other(key, image, tmp_path):
    for n in range(3):
        signature = sign(key[0], image, tmp_path / "s.img")
        assert index_of(signature) == n
        assert verify(bytes.fromhex(key[1]), signature, digest(image))
        assert not verify(bytes.fromhex(key[1]), signature, b"other")
    done = run(TOOL, "verify", tmp_path / "s.img", "--key", key[1])
    assert done.returncode == 0 and "good, by 1 key" in done.out


def test_a_key_of_1024(image, tmp_path):
    public = run(FAST, "keygen", tmp_path / "key").out.strip()
    signature = sign(tmp_path / "key", image, tmp_path / "s.img", FAST)
    assert len(signature) == 1452
    assert verify(bytes.fromhex(public), signature, digest(image))
    assert run(FAST, "verify", tmp_path / "s.img", "--key",
               public).returncode == 0


def test_the_others_by_ours(image, tmp_path):
    other = Signer(hashlib.sha256(b"seed").digest())
    assert verify(other.public, other.sign(5, b"m"), b"m")
    signed = tmp_path / "s.img"
    signed.write_bytes(image.read_bytes() + other.sign(31, digest(image)))
    pub = tmp_path / "pub"
    pub.write_text(other.public.hex() + "\n")
    assert run(TOOL, "verify", signed, "--key", pub).returncode == 0
    assert json.loads(run(TOOL, "verify", signed, "--key", pub,
                          "--json").out) == {"signed": True}


def test_wrong_key_and_flips(key, image, tmp_path):
    signed, bad = tmp_path / "s.img", tmp_path / "bad.img"
    sign(key[0], image, signed)
    good = signed.read_bytes()
    other = run(TOOL, "keygen", "--height", "5", tmp_path / "b").out.strip()
    done = run(TOOL, "verify", signed, "--key", other)
    assert done.returncode == 1 and "not by key" in done.err
    chance = random.Random(1)
    for _ in range(60):
        data = bytearray(good)
        at = chance.randrange(image.stat().st_size - 40, len(good))
        data[at] ^= 1 << chance.randrange(8)
        bad.write_bytes(data)
        assert run(TOOL, "verify", bad, "--key", key[1]).returncode == 1, at
    for n in (1, 4, 1000, 1292):
        bad.write_bytes(good[:-n])
        assert run(TOOL, "verify", bad, "--key", key[1]).returncode == 1


def test_two_persons(key, image, tmp_path):
    one, both = tmp_path / "1.img", tmp_path / "2.img"
    second = run(TOOL, "keygen", "--height", "5", tmp_path / "b").out.strip()
    sign(key[0], image, one)
    sign(tmp_path / "b", one, both)
    words = [TOOL, "verify", both, "--key", key[1], "--key"]
    assert run(*words, second).returncode == 0
    assert run(*words, key[1]).returncode == 1
    assert run(TOOL, "verify", both, "--key", second, "--key",
               key[1]).returncode == 1  # the core asks in order
    done = run(TOOL, "verify", both, "--key", key[1])
    assert done.returncode == 1 and "more follows" in done.err
    assert run(TOOL, "verify", one, "--key", key[1], "--key",
               second).returncode == 1
    # A signed image is still an image.
    assert run(TOOL, "check", both).returncode == 0
    assert run(TOOL, "show", both).out == run(TOOL, "show", image).out


def test_exhausted(key, image, tmp_path):
    used = {index_of(sign(key[0], image, tmp_path / "s.img"))
            for _ in range(32)}
    assert used == set(range(32))
    done = run(TOOL, "sign", key[0], image, "-o", tmp_path / "no.img")
    assert done.returncode == 2 and "used up" in done.err
    assert not (tmp_path / "no.img").exists()


def test_bad_keys(key, image, tmp_path):
    path, _ = key
    text = path.read_text()
    done = run(TOOL, "keygen", path)
    assert done.returncode == 2 and path.read_text() == text
    path.chmod(0o640)
    done = run(TOOL, "sign", path, image, "-o", tmp_path / "s.img")
    assert done.returncode == 2 and "chmod 600" in done.err
    path.chmod(0o600)
    for old, new in (("next 0", "next 33"), ("next 0", "next -1"),
                     ("next 0", "next"), ("height 5", "height 6"),
                     ("key 1", "key 2"), ("seed ", "seed x"),
                     ("\nnext 0\n", ""), ("id ", "")):
        path.write_text(text.replace(old, new))
        done = run(TOOL, "sign", path, image, "-o", tmp_path / "s.img")
        assert done.returncode == 2 and "not a private key" in done.err, new
    path.write_text("")
    assert run(TOOL, "sign", path, image, "-o",
               tmp_path / "s.img").returncode == 2
    assert run(TOOL, "sign", tmp_path / "none", image, "-o",
               tmp_path / "s.img").returncode == 2
    assert run(TOOL, "keygen", tmp_path / "k", "--height",
               "7").returncode == 2
    for bad in ("00" * 56, "zz", "ab" * 55):
        assert run(TOOL, "verify", image, "--key", bad).returncode == 2


def test_only_good_images(key, tmp_path):
    source = POLICY / "examples/two-level.pol"
    done = run(TOOL, "sign", key[0], source, "-o", tmp_path / "s.img")
    assert done.returncode == 2 and "compile" in done.err
    bad = tmp_path / "bad.img"
    bad.write_bytes(b"CASMPOL1" + bytes(500))
    assert run(TOOL, "sign", key[0], bad, "-o",
               tmp_path / "s.img").returncode == 1
    assert "next 0" in key[0].read_text()  # nothing was used up


def test_many_at_once(key, image, tmp_path):
    """Twenty signers: twenty indices."""
    outs = [tmp_path / ("%d.img" % i) for i in range(20)]
    running = [subprocess.Popen([TOOL, "sign", key[0], image, "-o", out],
                                stdout=subprocess.DEVNULL) for out in outs]
    assert [p.wait(120) for p in running] == [0] * 20
    size = image.stat().st_size
    used = [index_of(out.read_bytes()[size:]) for out in outs]
    assert sorted(used) == list(range(20))


def test_killed(image, tmp_path):
    """Whenever a signer is killed: an index may be lost, none comes twice."""
    path = tmp_path / "key"
    public = run(FAST, "keygen", path).out.strip()
    chance, size = random.Random(2), image.stat().st_size
    # A small tree would be over too soon: this one takes seconds, so that most
    # are killed between reserving and writing.
    used, killed = [], 0
    for n in range(24):
        out = tmp_path / ("%d.img" % n)
        signer = subprocess.Popen([FAST, "sign", path, image, "-o", out],
                                  stdout=subprocess.DEVNULL)
        time.sleep(chance.choice([0.0005, 0.001, 0.002, 0.004, 0.05]))
        os.kill(signer.pid, signal.SIGKILL)
        killed += signer.wait() == -signal.SIGKILL
        # what it might have signed with is reserved, or not begun
        left = re.search(r"^next (\d+)$", path.read_text(), re.M)
        assert left and not out.exists()
        used.append(int(left.group(1)))
    assert killed > 20 and used == sorted(used)
    signature = sign(path, image, tmp_path / "last.img", FAST)
    assert index_of(signature) == used[-1]
    assert verify(bytes.fromhex(public), signature,
                  hashlib.sha384(image.read_bytes()).digest())
