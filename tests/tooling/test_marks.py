"""A requirement that does not exist cannot be proven, and continuous integration skips nothing."""

import pytest

from tests.support.requirements import lines
from tests.support.sheet import Requirement, read_sheet

pytest_plugins = ["pytester"]


def _outcomes(pytester: pytest.Pytester, source: str) -> tuple[dict[str, int], str]:
    pytester.makepyfile(source)
    plugins = ["-p", "tests.support.marks", "-p", "tests.support.strict", "-p", "no:cacheprovider"]
    result = pytester.runpytest_inprocess(*plugins, "-o", "asyncio_default_fixture_loop_scope=function")
    return result.parseoutcomes(), result.stdout.str()


def test_a_test_that_bears_an_unknown_requirement_fails_and_its_neighbour_runs(pytester: pytest.Pytester) -> None:
    """It says which one the sheet does not have."""
    outcomes, said = _outcomes(
        pytester,
        """
        import pytest

        @pytest.mark.requirement("D1-01", "D1-99")
        def test_proves_nothing():
            raise SystemExit("must not run")

        @pytest.mark.requirement("D1-01")
        def test_proves():
            pass
        """,
    )
    assert outcomes["passed"] == 1
    assert outcomes["errors"] == 1
    assert "docs/requirements.md has no D1-99" in said
    assert "must not run" not in said


SKIPS = """
    import pytest

    def test_skips():
        pytest.skip("no scanner here")

    @pytest.mark.xfail(reason="known", strict=True)
    def test_known_to_fail():
        assert False
"""


def test_a_skip_is_a_skip_at_home(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not everybody has a compiler and a server."""
    monkeypatch.setattr("tests.support.strict.STRICT", False)
    outcomes, said = _outcomes(pytester, SKIPS)
    assert outcomes == {"skipped": 1, "xfailed": 1}
    assert "NOT TESTED (1): no scanner here" in said


def test_a_skip_is_a_failure_where_nothing_may_be_skipped(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An expected failure is no skip."""
    monkeypatch.setattr("tests.support.strict.STRICT", True)
    outcomes, said = _outcomes(pytester, SKIPS)
    assert outcomes == {"failed": 1, "xfailed": 1}
    assert "no scanner here" in said


def test_a_file_that_is_skipped_whole_is_a_failure_too(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would hide the most."""
    monkeypatch.setattr("tests.support.strict.STRICT", True)
    outcomes, said = _outcomes(pytester, "import pytest\npytest.skip('no evdev', allow_module_level=True)\n")
    assert outcomes == {"errors": 1}
    assert "no evdev" in said


def test_the_sheet_has_each_id_once_and_each_row_has_a_known_part() -> None:
    """A row that is laid out wrongly would be lost in silence, so rows are counted in another way."""
    sheet = read_sheet()
    rows = [line for line in _sheet_lines() if line.startswith("| ") and line.count("|") == 4]
    headings = [line for line in rows if line.startswith("| id |")]
    assert len(sheet) == len(rows) - len(headings)
    assert {part for row in sheet.values() for part in row.parts} == {
        line.split("|")[1].strip() for line in _sheet_lines() if line.startswith("| ") and line.count("|") == 3
    } - {"part"}


def _sheet_lines() -> list[str]:
    from tests.support.sheet import SHEET

    return SHEET.read_text(encoding="utf-8").splitlines()


def test_an_id_that_stands_twice_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One id, one sentence."""
    sheet = tmp_path_factory.mktemp("sheet") / "requirements.md"
    sheet.write_text("| D1-01 | One thing. | till |\n| D1-01 | Another. | day |\n")
    with pytest.raises(ValueError, match="D1-01 stands twice"):
        read_sheet(sheet)


def test_the_table_counts_and_names_what_no_test_holds() -> None:
    """Of the part that was asked for."""
    sheet = {
        "D1-01": Requirement("D1-01", "Scan.", ("till",)),
        "D1-02": Requirement("D1-02", "Weigh.", ("till", "day")),
        "D5-01": Requirement("D5-01", "Return.", ("day",)),
    }
    assert lines(sheet, {"D1-01": 3}, "till") == [
        "D1-01     3  Scan.",
        "D1-02     0  Weigh.",
        "",
        "1 of 2 requirements held by a test",
        "held by none: D1-02",
    ]
    assert lines(sheet, {"D5-01": 1, "D1-02": 1}, "day")[-1] == "2 of 2 requirements held by a test"
