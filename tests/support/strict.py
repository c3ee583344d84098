"""What was skipped is told at the end; with KIOSK_SKIP_NOTHING=1 a skipped test is a failed one.

Continuous integration installs all that tests may need.
"""

import os
from collections import Counter
from collections.abc import Generator

import pytest

STRICT = os.environ.get("KIOSK_SKIP_NOTHING") == "1"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return reason.removeprefix("Skipped: ")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = _reason(report)
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here (KIOSK_SKIP_NOTHING=1). {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip of a test into a failure."""
    report = yield
    if STRICT:
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skip of a whole file into a failure."""
    report = yield
    if STRICT:
        _refuse_skip(report)
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line per reason what was not tested, so that nobody takes it for proven."""
    reasons = Counter(_reason(report) for report in terminalreporter.getreports("skipped"))
    for reason, number in reasons.most_common():
        terminalreporter.write_line(f"NOT TESTED ({number}): {reason}", yellow=True)
