"""The page by which a technician sees what a printer can do."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from kiosk.i18n import _, pgettext, stamp_text
from kiosk.receipts.paper import WIDTHS, Blank, Centre, Code, Cut, Document, Left, Rule, Split

ALPHABETS: Final = (
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789 .,:;!?'\"()/+-*=%&@#",
    "€ £ $ § ° ² ½ « » ß",
    "Ä Ö Ü ä ö ü Å å Æ æ Ø ø Ñ ñ Ç ç",
    "À Â É È Ê Ë Î Ï Ô Ù Û Œ Ÿ",
    "à â é è ê ë î ï ô ù û œ ÿ",
    "Á Í Ì Ó Ò Ú á í ì ó ò ú",
)
"""What the five languages need of a code page."""

SAMPLE_EAN: Final = "2900000000001"
SAMPLE_CODE: Final = "1234567890123452"
SAMPLE_QR: Final = "https://example.org/kiosk"


def printer_test_page(*, printer: str, lane: str, at: datetime, training: bool = False) -> Document:
    """Lay out the test page: what is printed here, how wide it is, its letters and its codes.

    ``printer`` is how the printer is reached, in the technician's words; ``at`` is on the shop's wall clock.
    """
    return (
        *([Centre(_("TRAINING"), big=True, bold=True)] if training else []),
        Centre(_("Printer test"), big=True, bold=True),
        Split(_("Till {lane}").format(lane=lane), stamp_text(at)),
        Left(printer),
        Rule(),
        Left(_("One of these rulers ends at the right edge; the longer ones are broken.")),
        *(Left(_ruler(width)) for width in WIDTHS),
        Rule(),
        *(Left(letters) for letters in ALPHABETS),
        Rule(),
        Left(_("Plain")),
        Left(_("Bold"), bold=True),
        Centre(_("Big"), big=True),
        Centre(_("Big and bold"), big=True, bold=True),
        Split(pgettext("side", "Left"), pgettext("side", "Right")),
        Rule("="),
        Centre("EAN-13"),
        Code("ean13", SAMPLE_EAN),
        Centre("Code 128"),
        Code("code128", SAMPLE_CODE),
        Centre("QR"),
        Code("qr", SAMPLE_QR),
        Blank(),
        Centre(_("End of the test")),
        Cut(),
    )


def _ruler(width: int) -> str:
    """A ruler of so many columns that ends with its own number."""
    scale = "".join(str(place % 10) if place % 10 else "|" for place in range(1, width + 1))
    return scale[: width - 3] + f">{width}"
