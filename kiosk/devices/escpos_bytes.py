"""Documents as ESC/POS bytes, made by python-escpos.

The library is imported with the first document, in the thread that prints:
it takes half a second. Every document begins by setting the printer back, so
that none depends on what was printed before.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
import os
import re
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from kiosk.devices import Command, PrinterTrouble
from kiosk.devices.options import PrinterOptions

_LIBRARY: Final = "escpos.escpos"
_INTERNATIONAL_USA: Final = b"\x1bR\x00"
"""Some printers are switched to a country's ASCII, where ``#`` prints as a pound sign."""
_CANCEL_KANJI: Final = b"\x1c."

_DOTS_PER_COLUMN: Final = 12
_BAR_WIDTHS: Final = (3, 2)
_QR_CELLS: Final = (8, 7, 6, 5, 4, 3, 2)
_QR_QUIET: Final = 8
_QR_BYTES: Final = (
    14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
    711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989,
    2099, 2213, 2331,
)  # fmt: skip
"""Bytes that a QR code of each version holds at error correction M (ISO/IEC 18004)."""
_QR_CORRECTION_M: Final = 1

_PLAIN_STYLES: Final[Mapping[str, tuple[bool, bool]]] = {
    "": (False, False),
    "bold": (True, False),
    "big": (False, True),
    "big-bold": (True, True),
}

_STAND_INS: Final = str.maketrans("\u00a0\u202f\u2007‐‑‒–—―−‘’‚‛“”„‟‹›…•·×⁄", "   -------''''\"\"\"\"<>.**x/")
"""One character each for those that few code pages have; the layout stays."""


def document_bytes(commands: Sequence[Command], options: PrinterOptions, *, open_drawer: bool) -> bytes:
    """One whole document in bytes, the drawer's pulse first: the change is needed before the receipt.

    Raises: PrinterTrouble ``bad-settings``, ``bad-document``, ``not-installed``.
    """
    roll = _new_roll(options)
    if open_drawer:
        roll.cashdraw(options.drawer_pin)
    if commands:
        _begin(roll, options)
        _print(roll, commands, options)
    return bytes(roll.output)


def _begin(roll: Any, options: PrinterOptions) -> None:
    roll.hw("INIT")
    if options.cancel_kanji:
        roll._raw(_CANCEL_KANJI)
    roll._raw(_INTERNATIONAL_USA)
    try:
        roll.charcode(options.code_page)
    except (ValueError, KeyError, LookupError) as error:
        raise PrinterTrouble("bad-settings", options.code_page) from error


def _print(roll: Any, commands: Sequence[Command], options: PrinterOptions) -> None:
    style = (False, False)
    for command in commands:
        match command:
            case ("text", line, name) if name in _PLAIN_STYLES:
                wanted = _PLAIN_STYLES[name]
                if wanted != style:
                    _set_style(roll, *wanted)
                    style = wanted
                roll.text(_printable(line, roll, options.code_page) + "\n")
            case ("barcode", kind, data) if kind in ("code128", "ean13"):
                _print_barcode(roll, kind, data, options)
            case ("qr", data):
                _print_qr(roll, data, options)
            case ("cut",):
                if options.cut == "none":
                    roll.print_and_feed(6)
                else:
                    roll.cut(mode=options.cut.upper())
            case _:
                raise PrinterTrouble("bad-document", str(command[:1]))


def _set_style(roll: Any, bold: bool, big: bool) -> None:
    """The size comes first: setting it switches bold off."""
    roll.set(double_width=big, double_height=big, normal_textsize=not big, bold=bold)


def _printable(line: str, roll: Any, code_page: str) -> str:
    """A line that the code page can print and that holds no command (PLATFORM.md 7)."""
    encoder = roll.magic.encoder
    return "".join(_stand_in(character, encoder, code_page) for character in unicodedata.normalize("NFC", line))


def _stand_in(character: str, encoder: Any, code_page: str) -> str:
    """The character, or one that looks like it, or ``?``; as wide on paper as it was laid out."""
    category = unicodedata.category(character)
    if character.isascii():
        return "" if category == "Cc" else character
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp", "Mn", "Me"):
        return ""
    if encoder.can_encode(code_page, character):
        return character
    plain = character.translate(_STAND_INS)
    letter = unicodedata.normalize("NFD", plain)[0]
    for other in (plain, letter):
        if encoder.can_encode(code_page, other):
            return other
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


def _print_barcode(roll: Any, kind: str, data: str, options: PrinterOptions) -> None:
    """Bars with their data below; where bars can't be, the data alone."""
    data = "".join(character for character in data if character.isascii() and character.isprintable())
    if kind == "ean13" and _is_ean13(data):
        symbols, payload, modules = "EAN13", data, 95
    else:
        symbols, payload = "CODE128", _code128(data)
        modules = 11 * (_code128_symbols(payload) + 1) + 13
    dots = options.columns * _DOTS_PER_COLUMN
    width = next((width for width in _BAR_WIDTHS if width * modules <= dots), None)
    roll.set(align="center")
    if data and width and len(payload) <= 255:
        # The public method says on the screen which renderer it takes.
        roll._hw_barcode(payload, symbols, height=64, width=width, pos="BELOW", font="A")
    else:
        roll.text(data + "\n")
    roll.set(align="left")


def _is_ean13(data: str) -> bool:
    return (
        re.fullmatch("[0-9]{13}", data) is not None
        and sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(data)) % 10 == 0
    )


def _code128(data: str) -> str:
    """The printer's spelling of a Code 128: two digits to a symbol where all are digits."""
    if re.fullmatch("[0-9]{4,}", data):
        odd = len(data) % 2
        pairs = "".join(chr(int(data[index : index + 2])) for index in range(odd, len(data), 2))
        return f"{{B{data[0]}{{C{pairs}" if odd else f"{{C{pairs}"
    return "{B" + data.replace("{", "{{")


def _code128_symbols(payload: str) -> int:
    """Symbols that the payload becomes, the start one included; never too few."""
    return len(payload) - 1


def _print_qr(roll: Any, data: str, options: PrinterOptions) -> None:
    data = "".join(character for character in data if character.isprintable())
    size = len(data.encode())
    version = next((version for version, most in enumerate(_QR_BYTES, start=1) if size <= most), None)
    if not data or version is None:
        raise PrinterTrouble("bad-document", "qr")
    modules = 17 + 4 * version + _QR_QUIET
    dots = options.columns * _DOTS_PER_COLUMN
    cell = next((cell for cell in _QR_CELLS if cell * modules <= dots), _QR_CELLS[-1])
    roll.set(align="center")
    roll.qr(data, native=True, ec=_QR_CORRECTION_M, size=cell)
    roll.set(align="left")


def _new_roll(options: PrinterOptions) -> Any:
    """A printer of python-escpos that collects its bytes."""
    try:
        roll = _roll_class(options.cache)(profile=options.profile)
    except ImportError as error:
        raise PrinterTrouble("not-installed", "python-escpos") from error
    except KeyError as error:
        raise PrinterTrouble("bad-settings", options.profile) from error
    roll.output = bytearray()
    return roll


@functools.cache
def _roll_class(cache: str) -> type[Any]:
    def collect(roll: Any, message: bytes) -> None:
        roll.output += message

    return type("Roll", (_library(cache).Escpos,), {"_raw": collect})


def _library(cache: str) -> ModuleType:
    """Import python-escpos without what its import does besides.

    It reads its list of printers from YAML (a second) unless it finds it pickled, makes a directory
    in /tmp at each start, and sends the whole program's log to the screen.
    """
    if cache:
        os.environ["ESCPOS_CAPABILITIES_PICKLE_DIR"] = cache
        os.makedirs(cache, mode=0o700, exist_ok=True)
    with _no_log_on_screen(), _no_directory_left():
        try:
            return importlib.import_module(_LIBRARY)
        except ImportError:
            raise
        except Exception:
            _remove_pickles(cache)
            return importlib.import_module(_LIBRARY)


@contextlib.contextmanager
def _no_log_on_screen() -> Iterator[None]:
    """``logging.basicConfig`` does nothing while somebody listens already."""
    root, listener = logging.getLogger(), logging.NullHandler()
    root.addHandler(listener)
    try:
        yield
    finally:
        root.removeHandler(listener)


@contextlib.contextmanager
def _no_directory_left() -> Iterator[None]:
    make_directory, thread, made = tempfile.mkdtemp, threading.get_ident(), list[str]()

    def remember(*arguments: Any, **named: Any) -> Any:
        path = make_directory(*arguments, **named)
        if threading.get_ident() == thread:
            made.append(path)
        return path

    vars(tempfile)["mkdtemp"] = remember
    try:
        yield
    finally:
        vars(tempfile)["mkdtemp"] = make_directory
        for path in made:
            shutil.rmtree(path, ignore_errors=True)


def _remove_pickles(cache: str) -> None:
    """A power cut while it was written leaves half a list, and no document would ever print again."""
    for path in Path(cache).glob("*.capabilities.pickle") if cache else ():
        path.unlink(missing_ok=True)
