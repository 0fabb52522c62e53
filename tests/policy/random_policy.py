# SPDX-License-Identifier: Apache-2.0
"""Random policies that are valid by construction: every statement that makes
rules, between labels of random levels. The same seed, the same source.

    random_policy.py SEED       prints one
"""
import random
import sys

from conftest import class_table

KINDS = ("domain", "object", "device")
CARRIERS = ("event", "grant", "message")
MOST_LABELS = 30


class Level:
    def __init__(self, sens, cats=()):
        self.sens, self.cats = sens, frozenset(cats)

    def dominates(self, other):
        return self.sens >= other.sens and self.cats >= other.cats

    def join(self, other):
        return Level(max(self.sens, other.sens), self.cats | other.cats)

    def __eq__(self, other):
        return (self.sens, self.cats) == (other.sens, other.cats)

    def __str__(self):
        names = ",".join("c%d" % c for c in sorted(self.cats))
        return "s%d" % self.sens + (":" + names if names else "")


class Label:
    def __init__(self, kind, low, high=None):
        self.type, self.low, self.high = kind, low, high or low

    def __str__(self):
        wide = "" if self.low == self.high else "..%s" % self.high
        return "%s@%s%s" % (self.type, self.low, wide)


def flows(source, sink):
    """May information pass from one label to the other?"""
    return sink.high.dominates(source.low)


class Generator:
    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.table = class_table()
        self.labels = []    # listed, or implied by a vm or a device
        self.types = {}     # name -> kind
        self.trusted = {"dom0_t"}
        self.typesets = {}  # name -> members
        self.strict = set()
        self.lines = ['policy "random-%d" version %d' % (seed, seed + 1)]

    def maybe(self, percent):
        return self.chance.randrange(100) < percent

    def say(self, line, *parts):
        self.lines.append(line % parts)

    # ---- what there is

    def make_levels(self):
        n_sens = self.chance.randint(1, 5)
        n_cats = self.chance.choice((0, 1, 2, 3, 5, 8, 70))
        self.low, self.top = Level(0), Level(n_sens - 1, range(n_cats))
        self.say("levels %s", " < ".join("s%d" % s for s in range(n_sens)))
        if n_cats:
            self.say("compartments %s",
                     " ".join("c%d" % c for c in range(n_cats)))
        self.say("range whole %s .. %s%s", self.low, "s%d" % self.top.sens,
                 ":all" if n_cats else "")
        self.levels = [self.low, self.top]
        for _ in range(self.chance.randint(1, 8)):
            cats = [c for c in range(n_cats) if self.maybe(40)]
            self.levels.append(Level(self.chance.randrange(n_sens), cats))

    def make_type(self, name, kind, is_trusted=False):
        self.types[name] = kind
        if not is_trusted:
            self.say("type %s %s", name, kind)
            return self.low, self.top
        self.trusted.add(name)
        low, high = self.span(self.low, self.top)
        is_whole = (low, high) == (self.low, self.top)
        self.say('type %s %s trusted %s because "a test"', name, kind,
                 "whole" if is_whole else "%s .. %s" % (low, high))
        return low, high

    def span(self, low, high):
        """Two levels within two, the second dominating the first."""
        within = [l for l in self.levels + [low, high]
                  if l.dominates(low) and high.dominates(l)]
        a, b = self.chance.choice(within), self.chance.choice(within)
        return a, a.join(b)

    def make_label(self, label, word="label"):
        is_new = str(label) not in map(str, self.labels)
        self.labels += [label] if is_new else []
        if is_new or word != "label":
            self.say("%s %s", word, label)

    def make_labels(self, name, bounds, is_trusted):
        for _ in range(self.chance.randint(1, 4)):
            low, high = self.span(*bounds)
            self.make_label(Label(name, low, high if is_trusted else low))

    def make_core(self):
        """dom0 and what the core owns."""
        objects = ["o%d_t" % i for i in range(self.chance.randint(1, 4))]
        self.types["dom0_t"] = "domain"
        self.say('type dom0_t domain trusted whole because "runs it all"')
        dom0 = Label("dom0_t", self.low, self.top)
        self.make_label(dom0)
        self.say("initial dom0 %s", dom0)
        for name in objects:
            self.make_type(name, "object")
        for slot in ("core_pub", "core_state", "policy", "audit", "console"):
            label = Label(self.chance.choice(objects),
                          self.chance.choice(self.levels))
            self.make_label(label)
            self.say("initial %s %s", slot, label)

    def make_others(self):
        for i in range(self.chance.randint(1, 6)):
            kind = self.chance.choice(KINDS + ("domain",) * 3)
            is_trusted = self.maybe(25)
            name = "%s%d_t" % (kind, i)
            bounds = self.make_type(name, kind, is_trusted)
            self.make_labels(name, bounds, is_trusted)

    def make_things(self):
        for i in range(self.chance.randint(0, 3)):
            self.make_label(self.any_label("domain"), "vm v%d" % i)
        for i in range(len(self.of_kind("device"))):
            self.make_label(self.any_label("device"),
                            "device 0000:%02x:00.%d" % (i, i))

    def any_label(self, kind):
        """A listed one, or one that its vm or device lists."""
        label = self.chance.choice([l for l in self.labels
                                    if self.types[l.type] == kind])
        if label.low == label.high and label.type not in self.trusted:
            return Label(label.type, self.chance.choice(self.levels))
        return label

    def make_typesets(self):
        for i in range(self.chance.randint(0, 3)):
            pool = self.of_kind("domain") if self.maybe(60) else list(self.types)
            some = self.chance.sample(pool, self.chance.randint(1, len(pool)))
            self.typesets["set%d" % i] = some
            self.say("typeset set%d = %s", i, ", ".join(some))

    def of_kind(self, *kinds):
        return [n for n, kind in self.types.items() if kind in kinds]

    # ---- what is permitted

    def grants(self, ways, most=4):
        """Random permissions of these directions."""
        text, chosen = [], set()
        for cls in self.chance.sample(list(self.table),
                                      self.chance.randint(1, most)):
            perms = [p for p, way in self.table[cls] if way in ways]
            some = [p for p in perms if self.maybe(40)] or perms[:1]
            if some:
                text.append("%s { %s }" % (cls, " ".join(some)))
                chosen |= {(cls, p) for p in some}
        return " ".join(text), chosen

    def make_strict(self):
        for _ in range(self.chance.randint(0, 2)):
            text, perms = self.grants("RWB", 2)
            if text:
                self.strict |= perms
                self.say("strict %s", text)

    def members(self, party):
        names = [n for p in party for n in self.typesets.get(p, [p])]
        return [l for l in self.labels if l.type in names]

    def party(self, kinds):
        names = self.of_kind(*kinds) + [
            s for s, members in self.typesets.items()
            if all(self.types[m] in kinds for m in members)]
        return self.chance.sample(names, min(len(names),
                                             self.chance.choice((1, 1, 1, 2))))

    def is_dead(self, subjects, objects, perms):
        """Do the levels refuse all of these for every pair of labels?"""
        ways = {p: dict(self.table[p[0]])[p[1]] for p in perms}
        return not any(
            (way == "W" or flows(o, s)) and (way == "R" or flows(s, o))
            for way in ways.values() for s in self.members(subjects)
            for o in self.members(objects))

    def make_allow(self):
        subjects = self.party(("domain",))
        if self.maybe(25):
            text, _ = self.grants("RWBN")
            self.say("allow %s self : %s", ", ".join(subjects), text)
            return
        objects = self.party(KINDS)
        text, perms = self.grants("RWB")
        if text:
            dead = self.is_dead(subjects, objects, perms)
            self.say("allow %s %s%s : %s%s", ", ".join(subjects),
                     "other " if subjects == objects else "",
                     ", ".join(objects), text, " expect-dead" if dead else "")

    def named(self, name):
        """The type, or its label where it has one only."""
        own = [l for l in self.labels if l.type == name]
        return own[0] if len(own) == 1 and self.maybe(50) else name

    def are_mutual(self, a, b):
        """Is there a pair of labels of which everything can be permitted?"""
        return any(flows(x, y) and flows(y, x) and x.low == y.low
                   for x in self.members([a]) for y in self.members([b]))

    def make_pairs(self):
        """Rings and uses, where the levels let them work."""
        for word, arrow, kind in (("ring", " ->", "domain"),
                                  ("use", "", "device")):
            pairs = [(a, b) for a in self.of_kind("domain")
                     for b in self.of_kind(kind) if self.are_mutual(a, b)]
            for a, b in self.chance.sample(pairs, min(len(pairs), 2)):
                self.say("%s %s%s %s", word, self.named(a), arrow,
                         self.named(b))

    def make_diode(self):
        """Between two types that nothing else mentions: no way back."""
        low, high = self.span(self.low, self.top)
        for name, level in (("lower_t", low), ("upper_t", high)):
            self.make_type(name, "domain")
            self.make_label(Label(name, level))
        if low == high or not self.strict:
            self.say("diode %s -> %s %s", self.named("lower_t"),
                     self.named("upper_t"), ", ".join(self.chance.sample(
                         CARRIERS, self.chance.randint(1, 3))))
        else:
            self.say("allow lower_t upper_t : grant { push } "
                     "event { send bind_up }")
        self.say("allow upper_t lower_t : grant { map_ro query } "
                 "event { status }")
        self.say("vm lower %s", Label("lower_t", low))

    def make_rules(self):
        self.make_strict()
        for _ in range(self.chance.randint(2, 14)):
            self.make_allow()
        self.make_pairs()
        if self.maybe(40):
            self.make_diode()
        if self.maybe(20):
            self.say("mode more adds { allow %s self : %s }",
                     self.party(("domain",))[0], self.grants("RWBN")[0])

    def source(self):
        self.make_levels()
        self.make_core()
        self.make_others()
        self.make_things()
        self.make_typesets()
        self.make_rules()
        assert len(self.labels) <= MOST_LABELS
        self.chance.shuffle(self.lines)
        return "\n".join(self.lines) + "\n"


def random_policy(seed):
    return Generator(seed).source()


if __name__ == "__main__":
    sys.stdout.write(random_policy(int(sys.argv[1])))
