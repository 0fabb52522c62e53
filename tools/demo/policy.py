# SPDX-License-Identifier: Apache-2.0
"""What a compiled policy image says, worked out here and not by the core.

Reads the format of core/abi/policy_image.h and the names of
core/refmon/classes.def; shares no code with the core or the compiler.
"""

import os
import re
import struct

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLASSES = os.path.join(TOP, "core", "refmon", "classes.def")
HEADER = struct.Struct("<QII32sQ8I8H")


def class_table():
    """{class: number}, {(class, permission): (bit, direction)}"""
    with open(CLASSES, encoding="ascii") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    classes = {c: int(n) for c, n in re.findall(r"CLASS\((\w+), (\d+)\)", text)}
    perms = re.findall(r"PERM\((\w+), (\w+), (\d+), ([RWBN])\)", text)
    return classes, {(c, p): (int(bit), way) for c, p, bit, way in perms}


class Policy:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.image = f.read()
        fields = HEADER.unpack_from(self.image)
        self.name = fields[3].split(b"\0")[0].decode()
        types, levels, labels, rows = fields[5:9]
        self.types = types
        at = 360
        at = self.skip(at, types * 8)
        self.levels = [
            self.level(at + i * 136) for i in range(levels)
        ]  # (sensitivity, set of categories as one number)
        at = self.skip(at, levels * 136)
        entries = [
            struct.unpack_from("<4H", self.image, at + i * 8) for i in range(labels)
        ]
        at = self.skip(at, labels * 8)
        self.self_rows = struct.unpack_from(f"<{types}H", self.image, at)
        at = self.skip(at, types * 2)
        self.pair_rows = struct.unpack_from(f"<{types * types}H", self.image, at)
        at = self.skip(at, types * types * 2)
        self.rows = [
            struct.unpack_from("<16I", self.image, at + i * 64) for i in range(rows)
        ]
        at = self.skip(at, rows * 64)
        self.strict = struct.unpack_from("<16I", self.image, at)
        names = at + 64
        self.labels = {self.text(names + e[3]): e[:3] for e in entries}
        self.classes, self.perms = class_table()

    @staticmethod
    def skip(at, size):
        return at + (size + 7) // 8 * 8

    def level(self, at):
        sensitivity = struct.unpack_from("<I", self.image, at)[0]
        return sensitivity, int.from_bytes(self.image[at + 8 : at + 136], "little")

    def text(self, at):
        return self.image[at : self.image.index(b"\0", at)].decode()

    def dominates(self, a, b):
        (sens_a, cats_a), (sens_b, cats_b) = self.levels[a], self.levels[b]
        return sens_a >= sens_b and cats_a & cats_b == cats_b

    def decide(self, subject, target, cls, perm, same=False):
        """None if permitted, else why not."""
        s_type, s_low, s_high = self.labels[subject]
        o_type, o_low, o_high = self.labels[target]
        bit, way = self.perms[cls, perm]
        if same:
            row = self.self_rows[s_type]
        else:
            row = self.pair_rows[s_type * self.types + o_type]
        number = self.classes[cls]
        if not self.rows[row][number] >> bit & 1:
            return "no rule"
        if way in "RB" and not self.dominates(s_high, o_low):
            return "read up"
        if way in "WB" and not self.dominates(o_high, s_low):
            return "write down"
        if self.strict[number] >> bit & 1 and s_low != o_low:
            return "levels must be equal"
        return None
