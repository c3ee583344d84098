"""The rows of a CSV file by what their columns are taken for, and what is wrong with them by line (D8-02)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final, TypeVar

from kiosk.errors import (
    AlreadyTaken,
    BadFile,
    ChangedMeanwhile,
    Erased,
    Invalid,
    Missing,
    NotANumber,
    NotFound,
    OutOfRange,
    ShopError,
)

Progress = Callable[[int, int], None]
"""How much is done, of how much."""

T = TypeVar("T")

_REASONS: Final = {
    Missing: "missing",
    NotANumber: "not_a_number",
    Invalid: "invalid",
    OutOfRange: "out_of_range",
    AlreadyTaken: "already_taken",
    NotFound: "not_found",
    Erased: "erased",
    ChangedMeanwhile: "changed_meanwhile",
}


@dataclass(frozen=True, slots=True)
class LineError:
    """Why a line of a file can't be taken in; ``i18n.sentence(error.refusal)`` says it in words."""

    line: int
    """Counted from 1, the header included, as editors do."""
    column: str
    """As it is called in the file; empty when it is not about one."""
    refusal: ShopError

    @property
    def reason(self) -> str:
        """The kind of refusal, for scripts."""
        return _REASONS.get(type(self.refusal), "invalid")

    @property
    def value(self) -> str:
        """What stands there."""
        facts = self.refusal.facts()
        return str(facts.get("value") or facts.get("code") or facts.get("text") or "")

    def facts(self) -> dict[str, object]:
        """The same as plain values, for scripts."""
        return {"line": self.line, "column": self.column, "reason": self.reason, "value": self.value}


class RowReader:
    """Gives the cells of each row by their fields, and writes down what can't be read."""

    MANY: ClassVar[frozenset[str]] = frozenset()
    """Fields of which a file may have several columns."""
    COLUMN_OF: ClassVar[Mapping[str, str]] = {}
    """Fields that refusals call otherwise."""

    def __init__(self, header: Sequence[str], fields: Sequence[str | None], path: Path) -> None:
        """``fields``: what each column is taken for; None: nothing. Refuses: BadFile (two columns for the same)."""
        self.errors: list[LineError] = []
        self._header = [cell.strip() for cell in header]
        self.fields = tuple(fields)
        self.ignored = tuple(cell for cell, field in zip(self._header, fields, strict=True) if cell and field is None)
        single = [field for field in fields if field is not None and field not in self.MANY]
        if len(single) != len(set(single)):
            raise BadFile(path=str(path), reason="two columns for the same")

    def refuse(self, line: int, refusal: ShopError, field: str = "") -> None:
        """Write down what is wrong with a line."""
        facts = refusal.facts()
        name = field or str(facts.get("field") or facts.get("what") or "")
        name = self.COLUMN_OF.get(name, name)
        called = [cell for cell, known in zip(self._header, self.fields, strict=True) if known == name]
        self.errors.append(LineError(line, called[0] if called else "", refusal))

    def by_field(self, line: int, cells: Sequence[str]) -> dict[str, str] | None:
        """The cells by their fields; None when there are too few or too many."""
        if len(cells) < len(self.fields) or any(cell.strip() for cell in cells[len(self.fields) :]):
            self.refuse(line, Invalid(field="columns", value=str(len(cells))))
            return None
        found: dict[str, str] = {}
        for field, cell in zip(self.fields, cells, strict=False):
            if field in self.MANY:
                found[field] = f"{found.get(field, '')} {cell}".strip()
            elif field is not None:
                found[field] = cell.strip()
        return found


def all_steps(steps: Generator[tuple[int, int], None, T], progress: Progress) -> T:
    """Take all steps of something that goes in steps, and give what comes of it."""
    while True:
        try:
            progress(*next(steps))
        except StopIteration as end:
            result: T = end.value
            return result


def silent(_done: int, _all: int) -> None:
    """Progress that nobody watches."""
