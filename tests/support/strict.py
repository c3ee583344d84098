"""With KIOSK_SKIP_NOTHING=1 a skipped test is a failed one: continuous integration installs all that tests may need."""

import os
from collections.abc import Generator

import pytest

STRICT = os.environ.get("KIOSK_SKIP_NOTHING") == "1"


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
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
