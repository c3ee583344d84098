"""Reads ESC/POS bytes as a printer does, and fails on everything that a printer might misunderstand.

Independent of what makes the bytes: written from the printers' manuals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

CODE_PAGES = {0: "cp437", 2: "cp850", 16: "cp1252", 18: "cp852", 19: "cp858", 40: "iso8859-15", 45: "cp1250"}
ALIGNMENTS = ("left", "center", "right")
CODE_128, EAN_13 = 73, 2


class UnknownSequence(Exception):
    """Bytes that are no command we mean to send."""


@dataclass(frozen=True)
class Line:
    """A line of text as it comes out."""

    text: str
    bold: bool = False
    big: bool = False
    align: str = "left"


@dataclass(frozen=True)
class Bars:
    """A barcode."""

    kind: str
    data: str
    width: int
    align: str


@dataclass(frozen=True)
class Square:
    """A QR code."""

    data: str
    cell: int
    align: str


@dataclass(frozen=True)
class Feed:
    """Blank paper, in lines."""

    lines: int


@dataclass(frozen=True)
class Cut:
    """A cut, whole or leaving a corner."""

    whole: bool


@dataclass(frozen=True)
class Kick:
    """The drawer's pulse, on pin 2 or 5."""

    pin: int
    on_ms: int


Item = Line | Bars | Square | Feed | Cut | Kick


@dataclass
class _Reader:
    data: bytes
    at: int = 0
    items: list[Item] = field(default_factory=list)
    text: bytearray = field(default_factory=bytearray)
    started: bool = False
    code_page: str = "cp437"
    bold: bool = False
    big: bool = False
    align: str = "left"
    bar_height: int = 0
    bar_width: int = 0
    bar_text: int = 0
    square_model: int = 0
    square_cell: int = 0
    square_correction: int = 0
    square_data: str | None = None

    def take(self, count: int = 1) -> bytes:
        taken = self.data[self.at : self.at + count]
        if len(taken) < count:
            raise self.unknown("the bytes end in the middle of a command")
        self.at += count
        return taken

    def number(self, *allowed: int) -> int:
        value = self.take()[0]
        if allowed and value not in allowed:
            raise self.unknown(f"the value {value}")
        return value

    def unknown(self, what: str) -> UnknownSequence:
        return UnknownSequence(f"{what} at {self.at}: …{self.data[max(0, self.at - 12) : self.at + 4]!r}")

    def at_line_start(self) -> None:
        if self.text:
            raise self.unknown("a command that needs an empty line")

    def end_line(self) -> None:
        text = self.text.decode(self.code_page)
        self.items.append(Line(text, self.bold, self.big, self.align))
        self.text.clear()


def decode(data: bytes) -> list[Item]:
    """What comes out of the printer, in order. Raises: UnknownSequence."""
    reader = _Reader(data)
    while reader.at < len(data):
        byte = reader.take()[0]
        if byte in _COMMANDS:
            _command(reader, byte)
        elif byte == 0x0A:
            reader.end_line()
        elif byte < 0x20 or byte == 0x7F:
            raise reader.unknown(f"the control byte {byte:#04x}")
        elif not reader.started:
            raise reader.unknown("text before the printer was set back")
        else:
            reader.text.append(byte)
    if reader.text:
        raise reader.unknown("a line without an end")
    return reader.items


def text_of(data: bytes) -> list[str]:
    """The lines of text alone."""
    return [item.text for item in decode(data) if isinstance(item, Line)]


def _command(reader: _Reader, lead: int) -> None:
    letter = chr(reader.take()[0])
    step = _COMMANDS[lead].get(letter)
    if step is None:
        raise reader.unknown(f"the command {lead:#04x} {letter!r}")
    step(reader)


def _set_back(reader: _Reader) -> None:
    reader.at_line_start()
    reader.started = True
    reader.code_page, reader.bold, reader.big, reader.align = "cp437", False, False, "left"


def _country(reader: _Reader) -> None:
    reader.number(0)


def _code_page(reader: _Reader) -> None:
    reader.code_page = CODE_PAGES[reader.number(*CODE_PAGES)]


def _mode(reader: _Reader) -> None:
    mode = reader.number(0x00, 0x30)
    reader.big, reader.bold = mode == 0x30, False


def _bold(reader: _Reader) -> None:
    reader.bold = bool(reader.number(0, 1))


def _align(reader: _Reader) -> None:
    reader.at_line_start()
    reader.align = ALIGNMENTS[reader.number(0, 1, 2)]


def _feed(reader: _Reader) -> None:
    reader.at_line_start()
    reader.items.append(Feed(reader.number()))


def _kick(reader: _Reader) -> None:
    pin = reader.number(0, 1)
    on, off = reader.number(), reader.number()
    if not 10 <= on <= 100 or off < on:
        raise reader.unknown("a pulse that opens no drawer or burns its coil")
    reader.items.append(Kick(pin=5 if pin else 2, on_ms=2 * on))


def _cut(reader: _Reader) -> None:
    reader.at_line_start()
    reader.items.append(Cut(whole=reader.number(0, 1) == 0))


def _bar_height(reader: _Reader) -> None:
    reader.bar_height = reader.number()


def _bar_width(reader: _Reader) -> None:
    reader.bar_width = reader.number(2, 3, 4, 5, 6)


def _bar_font(reader: _Reader) -> None:
    reader.number(0, 1)


def _bar_text(reader: _Reader) -> None:
    reader.bar_text = reader.number(0, 1, 2, 3)


def _bars(reader: _Reader) -> None:
    reader.at_line_start()
    if not reader.bar_height or not reader.bar_width:
        raise reader.unknown("bars of the printer's own size")
    kind = reader.number(CODE_128, EAN_13)
    if kind == EAN_13:
        data = reader.take(13).decode("ascii")
        reader.number(0)
        if not data.isdigit() or sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(data)) % 10:
            raise reader.unknown("an EAN-13 that isn't one")
        reader.items.append(Bars("ean13", data, reader.bar_width, reader.align))
        return
    payload = reader.take(reader.number())
    reader.items.append(Bars("code128", _code_128(reader, payload), reader.bar_width, reader.align))


def _code_128(reader: _Reader, payload: bytes) -> str:
    data, code_set, at = "", "", 0
    while at < len(payload):
        byte = payload[at]
        at += 1
        if byte == ord("{"):
            letter = chr(payload[at])
            at += 1
            if letter in "ABC":
                code_set = letter
                continue
            if letter != "{" or code_set == "C":
                raise reader.unknown(f"{{{letter} in a Code 128")
        if not code_set or (code_set == "C" and byte > 99) or (code_set == "B" and not 32 <= byte < 127):
            raise reader.unknown(f"{byte} in code set {code_set or 'none'}")
        data += f"{byte:02}" if code_set == "C" else chr(byte)
    return data


def _square(reader: _Reader) -> None:
    reader.at_line_start()
    size = int.from_bytes(reader.take(2), "little")
    body = reader.take(size)
    if body[:1] != b"1":
        raise reader.unknown("a two-dimensional code that is no QR code")
    function, rest = body[1], body[2:]
    match function:
        case 65:
            reader.square_model = rest[0] - 48
        case 67:
            reader.square_cell = rest[0]
        case 69:
            reader.square_correction = rest[0]
        case 80 if rest[:1] == b"0":
            reader.square_data = rest[1:].decode("utf-8")
        case 81 if rest == b"0":
            if reader.square_model != 2 or not reader.square_data or reader.square_correction not in range(48, 52):
                raise reader.unknown("a QR code without data or settings")
            reader.items.append(Square(reader.square_data, reader.square_cell, reader.align))
            reader.square_data = None
        case _:
            raise reader.unknown(f"the QR function {function}")


def _two_dimensional(reader: _Reader) -> None:
    if reader.take() != b"k":
        raise reader.unknown("a function in brackets")
    _square(reader)


def _single_bytes(reader: _Reader) -> None:
    """Cancels the double-byte signs of Asian printers; this reader has none."""
    reader.at_line_start()


_COMMANDS: dict[int, dict[str, Callable[[_Reader], None]]] = {
    0x1B: {
        "@": _set_back,
        "R": _country,
        "t": _code_page,
        "!": _mode,
        "E": _bold,
        "a": _align,
        "d": _feed,
        "p": _kick,
    },
    0x1C: {".": _single_bytes},
    0x1D: {
        "V": _cut,
        "h": _bar_height,
        "w": _bar_width,
        "f": _bar_font,
        "H": _bar_text,
        "k": _bars,
        "(": _two_dimensional,
    },
}
