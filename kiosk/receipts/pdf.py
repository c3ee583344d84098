"""A document as a PDF: one page as wide as the paper roll and as long as the receipt.

The letters are DejaVu Sans Mono, embedded, so that each column stands where
the printer would put it, and European alphabets and the euro sign are
there. The font comes with python-barcode, which python-escpos brings along.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from rich.cells import split_graphemes

from kiosk.errors import BadFile
from kiosk.receipts.measure import clean
from kiosk.receipts.paper import Code, Cut, Document, Row, rows

POINTS_PER_MM: Final = 72 / 25.4
PAGE_WIDTH: Final = 80 * POINTS_PER_MM
MARGIN: Final = 4 * POINTS_PER_MM
LONGEST_PAGE: Final = 14_000.0
"""Points; readers refuse pages beyond 14,400."""

_FONT: Final = "DejaVuSansMono"
_ADVANCE: Final = 1233 / 2048
"""How wide each letter of the font is, in parts of its size."""
_LEADING: Final = 1.25
_BARCODE_HEIGHT: Final = 14 * POINTS_PER_MM
_QR_SIDE: Final = 30 * POINTS_PER_MM
_GAP: Final = 2 * POINTS_PER_MM


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row or a code and the height it takes, in points."""

    what: Row | Code
    height: float


def as_pdf(document: Document, width: int = 42, *, title: str = "") -> bytes:
    """Draw a document; the same document always gives the same bytes.

    A letter that the font lacks loses its accent or becomes a question
    mark. Refuses: Invalid (width), BadFile (the font is not installed).
    Source: D5-05.
    """
    from reportlab.pdfgen.canvas import Canvas

    known = _font_letters()
    size = (PAGE_WIDTH - 2 * MARGIN) / width / _ADVANCE
    paper = BytesIO()
    canvas = Canvas(paper, invariant=1, pageCompression=1)
    canvas.setTitle(clean(title))
    canvas.setAuthor("kiosk")
    canvas.setSubject("")
    canvas.setCreator("kiosk")
    for page in _pages(document, width, size):
        height = sum(placed.height for placed in page) + 2 * MARGIN
        canvas.setPageSize((PAGE_WIDTH, height))
        top = height - MARGIN
        for placed in page:
            top -= placed.height
            if isinstance(placed.what, Row):
                _draw_row(canvas, placed.what, width, size, top, known)
            else:
                _draw_code(canvas, placed.what, top)
        canvas.showPage()
    canvas.save()
    return paper.getvalue()


def _pages(document: Document, width: int, size: float) -> Iterator[list[_Placed]]:
    """The pages of a document: a new one at each cut, and where a page would be too long. There is always one."""
    page: list[_Placed] = []
    left = LONGEST_PAGE - 2 * MARGIN
    first = True
    for row in rows(document, width):
        height = _height(row, size)
        if page and (isinstance(row, Cut) or height > left):
            yield page
            page, left, first = [], LONGEST_PAGE - 2 * MARGIN, False
        if not isinstance(row, Cut):
            page.append(_Placed(row, height))
            left -= height
    if page or first:
        yield page


def _height(row: Row | Code | Cut, size: float) -> float:
    match row:
        case Row(big=big):
            return size * _LEADING * (2 if big else 1)
        case Code(kind="qr"):
            return _QR_SIDE + 2 * _GAP
        case Code():
            return _BARCODE_HEIGHT + 2 * _GAP
        case Cut():
            return 0.0


def _draw_row(canvas: Any, row: Row, width: int, size: float, bottom: float, known: Container[int]) -> None:
    scale = 2 if row.big else 1
    text = fitted(row.text(width // scale), known)
    if not text:
        return
    words = canvas.beginText(MARGIN, bottom + size * scale * (_LEADING - 1))
    words.setFont(_FONT, size * scale)
    # The font has no bold cut beside it: bold letters get an outline.
    words.setTextRenderMode(2 if row.bold else 0)
    words.textOut(text)
    canvas.saveState()
    canvas.setLineWidth(size * scale / 30)
    canvas.drawText(words)
    canvas.restoreState()


def _draw_code(canvas: Any, code: Code, bottom: float) -> None:
    from reportlab.graphics import renderPDF
    from reportlab.graphics.barcode import createBarcodeDrawing

    room = PAGE_WIDTH - 2 * MARGIN
    if code.kind == "qr":
        side = {"width": _QR_SIDE, "height": _QR_SIDE}
        drawing = createBarcodeDrawing("QR", value=code.data, barLevel="M", **side)
    else:
        name = "EAN13" if code.kind == "ean13" else "Code128"
        look = {"barHeight": _BARCODE_HEIGHT - 10, "humanReadable": True, "fontName": _FONT}
        drawing = createBarcodeDrawing(name, value=code.data, **look)
        if drawing.width > room:
            drawing.scale(room / drawing.width, 1)
            drawing.width = room
    renderPDF.draw(drawing, canvas, (PAGE_WIDTH - drawing.width) / 2, bottom + _GAP)


def fitted(text: str, known: Container[int]) -> str:
    """A text in letters that a font knows, with exactly one of them for each column.

    ``known`` holds the code points of the font. What it lacks is taken apart
    to its base letter; what has none becomes a question mark per column.
    """
    spans, _width = split_graphemes(text)
    return "".join(_letters(text[start:end], columns, known) for start, end, columns in spans)


def _letters(grapheme: str, columns: int, known: Container[int]) -> str:
    for letter in (grapheme[0], unicodedata.normalize("NFKD", grapheme)[0]):
        if ord(letter) in known:
            return letter.ljust(columns)[:columns]
    return "?" * columns


@cache
def _font_letters() -> Container[int]:
    """Register the font, once; gives the code points it has. Refuses: BadFile."""
    from reportlab.pdfbase.pdfmetrics import registerFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    spec = find_spec("barcode")
    path = Path(spec.origin or "").parent / "fonts" / "DejaVuSansMono.ttf" if spec else Path("DejaVuSansMono.ttf")
    try:
        font = TTFont(_FONT, str(path))
    except (TTFError, OSError) as trouble:
        raise BadFile(path=path.name, reason=str(trouble)) from trouble
    registerFont(font)
    return frozenset(font.face.charToGlyph)
