# SPDX-License-Identifier: Apache-2.0
"""The harness of the system tests: boot the core, drive dom0, keep the log.

Most tests share one running machine; a test that breaks it gets blamed, and
the next one gets a fresh machine.
"""

import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools", "image"))
import machine  # noqa: E402 (found through the line above)
from cases import Case  # noqa: E402

LOGS = os.path.join(machine.BUILD, "test", "logs")
shared = {"case": None}


def log_name(request):
    os.makedirs(LOGS, exist_ok=True)
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in request.node.name)
    return os.path.join(LOGS, safe + ".log")


@pytest.fixture
def boot(request, tmp_path):
    """boot(...): a machine of this test's own, ended with the test."""
    running = []

    def start(**how):
        case = Case(log_name(request), str(tmp_path), **how)
        running.append(case)
        return case

    yield start
    for case in running:
        case.close()


@pytest.fixture
def dom0(request, tmp_path_factory):
    """The shared machine, with dom0's agent ready and no guest left over."""
    case = shared["case"]
    if case is None or not case.is_sane():
        if case:
            case.close()
        os.makedirs(LOGS, exist_ok=True)
        name = os.path.join(LOGS, f"shared-{request.node.name}.log".replace("/", "_"))
        case = Case(name, str(tmp_path_factory.mktemp("shared")))
        shared["case"] = case
        case.ready()
    case.mark = len(case.text)
    yield case
    try:
        case.clean_up()
    except (machine.Timeout, AssertionError, OSError, ValueError):
        # The next test gets a new machine; this one is blamed, once.
        case.close()
        if not getattr(request.node, "has_failed", False):
            raise


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows the end of the console."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        item.has_failed = True
        case = item.funcargs.get("dom0") or shared["case"]
        if case and "dom0" in item.funcargs:
            report.sections.append(("console", case.text[case.mark :][-6000:]))


def pytest_sessionfinish():
    if shared["case"]:
        shared["case"].close()
