"""The sheet of requirements, docs/requirements.md, as data."""

import re
from dataclasses import dataclass
from pathlib import Path

SHEET = Path(__file__).resolve().parents[2] / "docs" / "requirements.md"

_ROW = re.compile(r"^\| (?P<id>[A-Z][A-Z0-9]*(?:-[0-9]+)?) \| (?P<text>[^|]+) \| (?P<part>[^|]+) \|$")


@dataclass(frozen=True)
class Requirement:
    """One row: its id, what is asked in a sentence, and the parts of the work that it belongs to."""

    id: str
    text: str
    parts: tuple[str, ...]


def read_sheet(path: Path = SHEET) -> dict[str, Requirement]:
    """Return each requirement by its id, in the order of the sheet; refuses an id that stands twice (ValueError)."""
    found: dict[str, Requirement] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = _ROW.match(line)
        if row is None:
            continue
        if row["id"] in found:
            raise ValueError(f"{row['id']} stands twice in {path.name}")
        parts = tuple(part.strip() for part in row["part"].split(","))
        found[row["id"]] = Requirement(row["id"], row["text"].strip(), parts)
    return found
