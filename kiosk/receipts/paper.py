"""Paper as data: the elements of a document, and its lines on a roll of a given width.

A document knows nothing of widths and printers. ``rows`` lays it out;
the preview (``as_text``), the printer (``commands``) and the PDF are drawn
from the same rows, so that what is seen is what is printed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any, Final, Literal

from kiosk.errors import Invalid
from kiosk.receipts.measure import cells, clean, wrap

WIDTHS: Final = (32, 42, 48)
"""Columns of the usual rolls: 58 mm, and 80 mm with wide or narrow letters."""

NARROWEST: Final = 16

_LINES_OF_A_NAME: Final = 3
_LINES_OF_TEXT: Final = 12
_LONGEST_CODE: Final = {"code128": 48, "ean13": 13, "qr": 1000}


@dataclass(frozen=True, slots=True)
class Centre:
    """Text in the middle; what is longer than a line is wrapped by words."""

    text: str
    big: bool = False
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """Text at the left edge; the spaces before it are kept on each of its lines."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Split:
    """Words at the left edge and, at the right edge of their last line, what is never cut: an amount."""

    left: str
    right: str
    bold: bool = False
    big: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper."""

    char: str = "-"


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line."""


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode or a QR code. Refuses: Invalid, for data that such a code can't bear."""

    kind: Literal["code128", "ean13", "qr"]
    data: str

    def __post_init__(self) -> None:
        if not 0 < len(self.data) <= _LONGEST_CODE.get(self.kind, 0) or not self.data.isprintable():
            raise Invalid(field="barcode", value=self.data)
        if self.kind != "qr" and not self.data.isascii():
            raise Invalid(field="barcode", value=self.data)
        if self.kind == "ean13" and not _is_ean13(self.data):
            raise Invalid(field="barcode", value=self.data)


@dataclass(frozen=True, slots=True)
class Cut:
    """The paper is cut here."""


Element = Centre | Left | Split | Rule | Blank | Code | Cut
Document = tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a document that is laid out; a big row fills the paper with half as many columns."""

    left: str = ""
    right: str = ""
    centred: bool = False
    bold: bool = False
    big: bool = False

    def text(self, columns: int) -> str:
        """The line on so many columns, without spaces at its end."""
        room = columns - cells(self.left) - cells(self.right)
        if self.centred:
            return (" " * max(room // 2, 0) + self.left).rstrip()
        return (self.left + " " * max(room, 0) + self.right).rstrip()

    @property
    def style(self) -> str:
        """What a printer has to do with it: nothing, ``bold``, ``big`` or ``big-bold``."""
        return "-".join(name for name, wanted in (("big", self.big), ("bold", self.bold)) if wanted)


def rows(document: Document, width: int) -> Iterator[Row | Code | Cut]:
    """Lay a document out on paper of so many columns. Refuses: Invalid, for a roll that is too narrow.

    Every text is cleaned here again (PLATFORM.md 7): whatever a caller
    forgot, no control character reaches a printer.
    """
    if width < NARROWEST:
        raise Invalid(field="width", value=str(width))
    for element in document:
        match element:
            case Code() | Cut():
                yield element
            case Blank():
                yield Row()
            case Rule(char=char):
                yield Row(left=(char if cells(char) == len(char) == 1 and char.isprintable() else "-") * width)
            case Centre(text=text, big=big, bold=bold):
                for line in wrap(clean(text).strip(), width // 2 if big else width, _LINES_OF_TEXT):
                    yield Row(left=line, centred=True, bold=bold, big=big)
            case Left(text=text, bold=bold):
                for line in wrap(clean(text), width, _LINES_OF_TEXT):
                    yield Row(left=line, bold=bold)
            case Split():
                yield from _split(element, width // 2 if element.big else width)


def as_text(document: Document, width: int) -> list[str]:
    """The preview: the lines as they come out on paper of so many columns.

    Big letters are drawn small, over the whole width; bars stand for a
    barcode, with its data below; a cut is drawn unless it is the end.
    """
    lines: list[str] = []
    for row in rows(document, width):
        match row:
            case Row():
                lines.append(row.text(width))
            case Code(kind="qr"):
                lines.append(Row(left="[QR]", centred=True).text(width))
            case Code(data=data):
                bars = "|" * min(2 * len(data) + 4, width)
                lines += [Row(left=text, centred=True).text(width) for text in (bars, *wrap(data, width, 2))]
            case Cut():
                lines.append(("- " * width)[:width].rstrip())
    if document and isinstance(document[-1], Cut):
        lines.pop()
    return lines


def commands(document: Document, width: int) -> list[tuple[str, ...]]:
    """What a printer has to do, as plain values: text by the line, codes and cuts.

    ``("text", line, style)``, ``("barcode", kind, data)``, ``("qr", data)``
    and ``("cut",)``. A big line has at most half of the columns.
    """
    found: list[tuple[str, ...]] = []
    for row in rows(document, width):
        match row:
            case Row():
                found.append(("text", row.text(width // 2 if row.big else width), row.style))
            case Code(kind="qr", data=data):
                found.append(("qr", data))
            case Code(kind=kind, data=data):
                found.append(("barcode", kind, data))
            case Cut():
                found.append(("cut",))
    return found


def to_json(document: Document) -> str:
    """A document as it is kept with its print job, in ASCII, so that any database takes any text."""
    return json.dumps([_plain(element) for element in document], separators=(",", ":"))


def from_json(text: str) -> Document:
    """The document that ``to_json`` wrote. Refuses: Invalid."""
    try:
        return tuple(_element(dict(plain)) for plain in json.loads(text))
    except (ValueError, TypeError, KeyError) as trouble:
        raise Invalid(field="document", value=text[:80]) from trouble


_ELEMENTS: Final[dict[str, Callable[..., Element]]] = {
    "centre": Centre,
    "left": Left,
    "split": Split,
    "rule": Rule,
    "blank": Blank,
    "code": Code,
    "cut": Cut,
}


def _plain(element: Element) -> dict[str, object]:
    values = {
        field.name: getattr(element, field.name)
        for field in fields(element)
        if field.default is MISSING or getattr(element, field.name) != field.default
    }
    return {"is": type(element).__name__.lower(), **values}


def _element(plain: dict[str, Any]) -> Element:
    element = _ELEMENTS[plain.pop("is")](**plain)
    for field in fields(element):
        if type(getattr(element, field.name)) is not (bool if field.name in {"bold", "big"} else str):
            raise TypeError(field.name)
    return element


def _split(element: Split, columns: int) -> Iterator[Row]:
    left, right = clean(element.left), clean(element.right).lstrip()
    room = columns - cells(right) - 1
    if room >= columns // 3:
        *before, last = wrap(left, room, _LINES_OF_A_NAME)
        lines = [(line, "") for line in before] + [(last, right)]
    else:
        lines = [(line, "") for line in wrap(left, columns, _LINES_OF_A_NAME) if line]
        lines += [("", line) for line in wrap(right, columns)]
    for text, amount in lines:
        yield Row(left=text, right=amount, bold=element.bold, big=element.big)


def _is_ean13(data: str) -> bool:
    if len(data) != 13 or not data.isdecimal():
        return False
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(data)) % 10 == 0
