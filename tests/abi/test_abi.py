# SPDX-License-Identifier: Apache-2.0
"""core/vmm/hypercalls.def against Xen's public headers and the core itself.

Every operation of the headers is a row of the table or stands in absent.txt
with a reason; every permission of a row exists; every handler of a row whose
object is a PEER asks the monitor (that it asks before anything else is what
tests/unit/test_dispatch.c shows by refusing everything). Each check is a
function of texts, so that the last tests can bend the texts and see it fail.
"""
import pathlib
import re
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
CORE = HERE.parents[1] / "core"
XEN = pathlib.Path("/usr/include/xen")

# Hypercall of the table, header and prefix of its operations.
FAMILIES = {
    "event_channel_op": ("event_channel.h", "EVTCHNOP_"),
    "grant_table_op": ("grant_table.h", "GNTTABOP_"),
    "memory_op": ("memory.h", "XENMEM_"),
    "sched_op": ("sched.h", "SCHEDOP_"),
    "vcpu_op": ("vcpu.h", "VCPUOP_"),
    "xen_version": ("version.h", "XENVER_"),
    "hvm_op": ("hvm/hvm_op.h", "HVMOP_"),
    "console_io": ("xen.h", "CONSOLEIO_"),
}
# Constants that begin like operations: fields, flags and sub-operations of
# operations that are absent altogether.
NOT_OPERATIONS = (
    "XENMEM_paging_op_", "XENMEM_access_op_", "XENMEM_sharing_op_",
    "XENMEM_SHARING_", "XENMEM_FORK_", "XENMEM_RDM_", "XENMEM_resource_",
    "HVMOP_altp2m_", "HVMOP_ALTP2M_",
)
OBJECTS = {"SELF", "PEER", "CORE_PUB", "CORE_STATE", "POLICY", "AUDIT",
           "CONSOLE", "ANY"}
ASKS = {"mediate", "mediate_label", "mediate_core", "mediate_own"}


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def defines(text, prefix):
    """{name: value} of the integer constants with this prefix."""
    found = re.findall(r"^#define\s+(%s\w+)\s+(\d+)\s*$" % prefix,
                       without_comments(text), flags=re.M)
    return {name: int(value) for name, value in found
            if not name.startswith(NOT_OPERATIONS)}


def parse_rows(text):
    """[(hypercall, operation, class, [(class, permission)], object)]"""
    rows = []
    for body in re.findall(r"^ROW\((.*?)\)\s*$", without_comments(text),
                           flags=re.M | re.S):
        match = re.fullmatch(
            r"(\w+),\s*(\w+),\s*(\w+),\s*P([123])\((.*)\),\s*(\w+)", body,
            flags=re.S)
        assert match, f"not a row: ROW({body})"
        call, operation, cls, count, perms, obj = match.groups()
        words = [w.strip() for w in perms.split(",")]
        assert len(words) == 2 * int(count), body
        rows.append((call, operation, cls,
                     list(zip(words[::2], words[1::2])), obj))
    return rows


def parse_absent(text):
    """{name: reason}"""
    absent = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition("  ")
            assert name not in absent, f"{name} stands there twice"
            absent[name] = reason.strip()
    return absent


def parse_classes(text):
    text = without_comments(text)
    return (set(re.findall(r"^CLASS\((\w+),", text, flags=re.M)),
            set(re.findall(r"^PERM\((\w+), (\w+),", text, flags=re.M)))


def parse_control(text):
    """The operations of the core's own interface."""
    body = re.search(r"enum casemate_ctl \{(.*?)\};", without_comments(text),
                     flags=re.S).group(1)
    return dict((name, int(value)) for name, value in
                re.findall(r"(CTL_\w+)\s*=\s*(\d+)", body))


# ---- the checks: lists of complaints --------------------------------------


def check_coverage(rows, absent, headers):
    """Each operation exactly once: a row, or absent with a reason."""
    complaints = []
    present = {operation for _, operation, *_ in rows}
    known = set()
    for call, (header, prefix) in FAMILIES.items():
        constants = defines(headers[header], prefix)
        assert constants, f"no {prefix}* in {header}"
        known |= set(constants)
        for name in constants:
            if name not in present and name not in absent:
                complaints.append(f"{name} ({call}): neither row nor absent")
    calls = defines(headers["xen.h"], "__HYPERVISOR_")
    known |= set(calls)
    used = {"__HYPERVISOR_" + call for call, *_ in rows}
    for name in calls:
        if name not in used and name not in absent:
            complaints.append(f"{name}: neither used nor absent")
    for name in absent:
        if name not in known:
            complaints.append(f"{name}: absent, but in no header")
        if name in present or name in used:
            complaints.append(f"{name}: absent, and a row")
        if len(absent[name]) < 10:
            complaints.append(f"{name}: absent for no reason")
    return complaints


def check_rows(rows, headers, control):
    """Each row's operation exists, in the family it stands under, once."""
    complaints = []
    calls = defines(headers["xen.h"], "__HYPERVISOR_")
    seen = set()
    for call, operation, _, _, obj in rows:
        if "__HYPERVISOR_" + call not in calls:
            complaints.append(f"{call}: no such hypercall")
        if call in FAMILIES:
            header, prefix = FAMILIES[call]
            if operation not in defines(headers[header], prefix):
                complaints.append(f"{operation}: not an operation of {call}")
        elif call == "domctl":
            if f"define {operation} " not in headers["domctl.h"]:
                complaints.append(f"{operation}: not in domctl.h")
        elif call != "arch_7" or operation not in control:
            complaints.append(f"{operation}: of no known interface")
        if (call, operation) in seen:
            complaints.append(f"{operation}: two rows")
        seen.add((call, operation))
        if obj not in OBJECTS:
            complaints.append(f"{operation}: object {obj}")
    for name in control:
        if ("arch_7", name) not in seen:
            complaints.append(f"{name}: of core/abi/control.h, without a row")
    return complaints


def check_permissions(rows, classes, perms):
    complaints = []
    for _, operation, cls, asked, _ in rows:
        if cls not in classes:
            complaints.append(f"{operation}: no class {cls}")
        for c, p in asked:
            if (c, p) not in perms:
                complaints.append(f"{operation}: no permission {c} {p}")
            if c != cls:
                complaints.append(f"{operation}: {c} {p} of another class")
    return complaints


# ---- who calls whom --------------------------------------------------------


def parse_functions(text):
    """{name: body} of a C file in the house's layout: a definition begins in
    the first column, and so do its braces."""
    found = re.findall(
        r"^[A-Za-z_][^\n(;{}=]*?\b(\w+)\(([^;{}]*?)\)\n\{\n(.*?)^\}$",
        without_comments(text), flags=re.M | re.S)
    return {name: body for name, _, body in found}


def reaches(sources, filename, function, seen=None):
    """Does this function ask the monitor, itself or through others?"""
    seen = set() if seen is None else seen
    if (filename, function) in seen:
        return False
    seen.add((filename, function))
    for callee in re.findall(r"\b(\w+)\(", sources[filename][function]):
        if callee in ASKS:
            return True
        places = ([filename] if callee in sources[filename] else
                  [f for f in sources if callee in sources[f]])
        if any(reaches(sources, f, callee, seen) for f in places):
            return True
    return False


def handlers(sources, texts, call, operation):
    """[(file, function)] that a `case OPERATION:` leads to; the family's entry
    function itself where the family is one operation."""
    found = []
    dispatch = without_comments(texts["dispatch.c"])
    case = re.compile(r"case %s:\s*(?:case \w+:\s*)*(?:return|[\w.]+ =) (\w+)\("
                      % operation)
    for filename in sources:
        for body in sources[filename].values():
            for name in case.findall(body):
                found += ([(filename, name)] if name in sources[filename] else
                          [(f, name) for f in sources if name in sources[f]])
    if not found:
        match = re.search(r"case __HYPERVISOR_%s:\s*return (\w+)\(" % call,
                          dispatch)
        found = [(f, match.group(1)) for f in sources
                 if match and match.group(1) in sources[f]]
    return found


def check_mediation(rows, texts):
    sources = {name: parse_functions(text) for name, text in texts.items()}
    complaints = []
    for call, operation, _, _, obj in rows:
        if obj != "PEER":
            continue
        places = handlers(sources, texts, call, operation)
        if not places:
            complaints.append(f"{operation}: no handler found")
        for filename, function in places:
            if not reaches(sources, filename, function):
                complaints.append(f"{operation}: {filename}:{function}() "
                                  "never asks the monitor")
    return complaints


# ---- on the texts as they are ----------------------------------------------


@pytest.fixture(name="t")
def texts():
    names = [header for header, _ in FAMILIES.values()] + ["domctl.h"]
    return {
        "table": (CORE / "vmm/hypercalls.def").read_text(),
        "absent": (HERE / "absent.txt").read_text(),
        "classes": (CORE / "refmon/classes.def").read_text(),
        "control": (CORE / "abi/control.h").read_text(),
        "headers": {name: (XEN / name).read_text() for name in names},
        "sources": {path.name: path.read_text()
                    for path in (CORE / "vmm").glob("*.c")},
    }


def complaints_of(t):
    """All checks at once."""
    rows = parse_rows(t["table"])
    return (check_coverage(rows, parse_absent(t["absent"]), t["headers"]) +
            check_rows(rows, t["headers"], parse_control(t["control"])) +
            check_permissions(rows, *parse_classes(t["classes"])) +
            check_mediation(rows, t["sources"]))


def test_nothing_overlooked(t):
    """The parser sees every row, and every family has some."""
    rows = parse_rows(t["table"])
    assert len(rows) == len(re.findall(r"^ROW\(", t["table"], flags=re.M))
    assert {call for call, *_ in rows} == set(FAMILIES) | {"domctl", "arch_7"}
    assert len(defines(t["headers"]["event_channel.h"], "EVTCHNOP_")) >= 15
    assert len(parse_functions(t["sources"]["event.c"])) > 20


def test_coverage(t):
    assert not check_coverage(parse_rows(t["table"]),
                              parse_absent(t["absent"]), t["headers"])


def test_rows(t):
    assert not check_rows(parse_rows(t["table"]), t["headers"],
                          parse_control(t["control"]))


def test_permissions(t):
    assert not check_permissions(parse_rows(t["table"]),
                                 *parse_classes(t["classes"]))


def test_peers_are_asked(t):
    assert not check_mediation(parse_rows(t["table"]), t["sources"])


def test_structures():
    """The layouts that the core declares for itself."""
    done = subprocess.run(
        ["gcc", "-std=gnu11", "-fsyntax-only", f"-I{CORE}",
         "-D__XEN_INTERFACE_VERSION__=0x00040e00", str(HERE / "domctl.c")],
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ---- the checks can fail: bend one thing, and hear of it -------------------


def bend(text, pattern, replacement):
    bent, count = re.subn(pattern, replacement, text, count=1, flags=re.S)
    assert count == 1, f"nothing to bend: {pattern}"
    return bent


@pytest.mark.parametrize("pattern", [
    r"ROW\(sched_op, SCHEDOP_poll,.*?\)\n(?=\S)",
    r"ROW\(console_io, CONSOLEIO_read,[^\n]*\n",
    r"ROW\(arch_7, CTL_PAUSE,[^\n]*\n",
])
def test_removed_row(t, pattern):
    t["table"] = bend(t["table"], pattern, "")
    assert len(complaints_of(t)) == 1


def test_every_removed_row(t):
    rows = parse_rows(t["table"])
    for gone in rows:
        if gone[0] == "domctl":
            continue  # excluded: tools only
        rest = [row for row in rows if row != gone]
        assert (check_coverage(rest, parse_absent(t["absent"]), t["headers"])
                + check_rows(rest, t["headers"], parse_control(t["control"])))


@pytest.mark.parametrize("header, line", [
    ("event_channel.h", "#define EVTCHNOP_peek 15"),
    ("memory.h", "#define XENMEM_peek   29 /* new */"),
    ("hvm/hvm_op.h", "#define HVMOP_peek 26"),
    ("xen.h", "#define __HYPERVISOR_peek 43"),
])
def test_new_constant(t, header, line):
    t["headers"][header] += f"\n{line}\n"
    assert len(complaints_of(t)) == 1


@pytest.mark.parametrize("line, count", [
    ("EVTCHNOP_gone  no longer in the headers", 1),
    ("EVTCHNOP_send  it is a row, though", 1),
    ("SCHEDOP_watchdog2  ", 2),  # unknown, and no reason
])
def test_wrong_absence(t, line, count):
    t["absent"] += line + "\n"
    assert len(complaints_of(t)) == count


@pytest.mark.parametrize("pattern, replacement", [
    (r"P1\(event, offer\)", "P1(event, offers)"),
    (r"P1\(event, offer\)", "P1(grant, query)"),
    (r"SCHEDOP_poll, sched,", "SCHEDOP_poll, scheduler,"),
    (r"ROW\(sched_op, SCHEDOP_poll", "ROW(vcpu_op, SCHEDOP_poll"),
    (r"ROW\(sched_op, SCHEDOP_block", "ROW(sched_op, SCHEDOP_poll"),
    (r"P1\(sched, yield_block_timer\), SELF", "P1(sched, vcpu_op), NOBODY"),
    (r"__HYPERVISOR_\w+|ROW\(hvm_op,", "ROW(hvmop,"),
])
def test_wrong_row(t, pattern, replacement):
    t["table"] = bend(t["table"], pattern, replacement)
    assert complaints_of(t)


@pytest.mark.parametrize("filename, function", [
    ("event.c", "op_alloc_unbound"), ("event.c", "op_bind_interdomain"),
    ("event.c", "send_to_peer"), ("event.c", "op_status"),
    ("grant.c", "map_one"), ("memory.c", "foreign"),
    ("control.c", "create"), ("control.c", "object"),
    ("control.c", "getinfo"), ("info.c", "domctl_op"),
])
def test_handler_that_does_not_ask(t, filename, function):
    """Take the question out of one function: at least one row complains."""
    text = t["sources"][filename]
    body = parse_functions(text)[function]
    quiet = re.sub(r"\bmediate(_label|_core|_own)?\(", "trust(",
                   without_comments(body))
    assert quiet != without_comments(body)
    t["sources"][filename] = without_comments(text).replace(
        without_comments(body), quiet)
    assert check_mediation(parse_rows(t["table"]), t["sources"])
