# SPDX-License-Identifier: Apache-2.0
"""LMS of RFC 8554 with SHA-256, W8, in the RFC's own words: a second opinion
on policy/sign and core/measure/lms.c. Slow on purpose: hashlib and integers."""
import hashlib
import struct

CHAINS = 34
HEIGHTS = {5: 5, 6: 10}  # LMS type: height
W8 = 4


def hashed(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def u32(n):
    return struct.pack(">I", n)


def u16(n):
    return struct.pack(">H", n)


def digits(q_hash):
    """coef(Q || Cksm(Q), i, 8) of section 4.4."""
    return list(q_hash) + list(u16(sum(255 - d for d in q_hash)))


def one_time_key(identity, q, y, digit):
    """Algorithm 4b: the candidate Kc."""
    ends = []
    for i in range(CHAINS):
        at = y[i]
        for j in range(digit[i], 255):
            at = hashed(identity, u32(q), u16(i), bytes([j]), at)
        ends.append(at)
    return hashed(identity, u32(q), u16(0x8080), *ends)


def verify(public, signature, message):
    """Algorithm 6: False for whatever is not a good signature."""
    if len(public) != 56 or len(signature) < 8:
        return False
    kind, ots, identity, root = (struct.unpack(">I", public[:4])[0],
                                 struct.unpack(">I", public[4:8])[0],
                                 public[8:24], public[24:])
    if kind not in HEIGHTS or ots != W8:
        return False
    height = HEIGHTS[kind]
    if len(signature) != 12 + 32 * (1 + CHAINS + height):
        return False
    q, sig_ots = struct.unpack(">II", signature[:8])
    words = [signature[i:i + 32] for i in range(8, 40 + 32 * CHAINS, 32)]
    at = 40 + 32 * CHAINS
    sig_kind = struct.unpack(">I", signature[at:at + 4])[0]
    path = [signature[i:i + 32] for i in range(at + 4, len(signature), 32)]
    if sig_ots != W8 or sig_kind != kind or q >= 1 << height:
        return False
    digest = hashed(identity, u32(q), u16(0x8181), words[0], message)
    node = (1 << height) + q
    value = hashed(identity, u32(node), u16(0x8282),
                   one_time_key(identity, q, words[1:], digits(digest)))
    for beside in path:
        pair = (beside, value) if node % 2 else (value, beside)
        node //= 2
        value = hashed(identity, u32(node), u16(0x8383), *pair)
    return value == root


class Signer:
    """A key of 32 signatures; it does not count them."""

    def __init__(self, seed):
        self.identity, self.seed = seed[:16], seed
        self.nodes = {32 + q: self.leaf(q) for q in range(32)}
        for n in range(31, 0, -1):
            self.nodes[n] = hashed(self.identity, u32(n), u16(0x8383),
                                   self.nodes[2 * n], self.nodes[2 * n + 1])
        self.public = u32(5) + u32(W8) + self.identity + self.nodes[1]

    def chain(self, q, i, steps):
        at = hashed(self.identity, u32(q), u16(i), b"\xff", self.seed)
        for j in range(steps):
            at = hashed(self.identity, u32(q), u16(i), bytes([j]), at)
        return at

    def leaf(self, q):
        ends = [self.chain(q, i, 255) for i in range(CHAINS)]
        return hashed(self.identity, u32(32 + q), u16(0x8282),
                      hashed(self.identity, u32(q), u16(0x8080), *ends))

    def sign(self, q, message):
        random = hashed(b"any", u32(q))
        digit = digits(hashed(self.identity, u32(q), u16(0x8181), random,
                              message))
        y = [self.chain(q, i, digit[i]) for i in range(CHAINS)]
        path, node = [], 32 + q
        while node > 1:
            path.append(self.nodes[node ^ 1])
            node //= 2
        return b"".join([u32(q), u32(W8), random, *y, u32(5), *path])
