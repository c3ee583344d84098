"""Pictures of the real till for the documents: ``python -m tests.support.pictures`` writes docs/pictures.

A till runs in a pseudo terminal, gets the keys that a clerk would press, and
what it draws is read by a terminal emulator and drawn as PNG, in the colours
that ``kiosk install`` gives the console. Look at each picture before it is
committed: what it must show is waited for, but not whether it looks well.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import pyte
from PIL import Image, ImageDraw, ImageFont

from kiosk.services.demo import barcode
from tests.bench.terminal import Terminal, TooSlow

HERE: Final = Path(__file__).resolve().parents[2] / "docs" / "pictures"
CELL: Final = (9, 19)
SIZE: Final = 15
PATIENCE_SECONDS: Final = 60.0
BETWEEN_KEYS: Final = 0.08
"""Seconds; faster would be taken for a scanner."""
PALETTE: Final = {
    "black": "#10141c", "red": "#b23c17", "green": "#00795a", "brown": "#e69f00", "blue": "#1d3557",
    "magenta": "#7b3f6b", "cyan": "#0b6e94", "white": "#d3dae3", "brightblack": "#97a1ae", "brightred": "#ff8a5c",
    "brightgreen": "#56d9ae", "brightbrown": "#ffd166", "brightblue": "#8fbcff", "bfightmagenta": "#f3aed6",
    "brightmagenta": "#f3aed6", "brightcyan": "#86e0ff", "brightwhite": "#ffffff",
}  # fmt: skip

KEYS: Final = {
    "F1": "\x1b[[A", "F2": "\x1b[[B", "F4": "\x1b[[D", "F5": "\x1b[[E", "F6": "\x1b[17~", "F8": "\x1b[19~",
    "F9": "\x1b[20~", "F10": "\x1b[21~", "F11": "\x1b[23~", "F12": "\x1b[24~", "Enter": "\r", "Esc": "\x1b",
    "Up": "\x1b[A", "Down": "\x1b[B", "Del": "\x1b[3~",
}  # fmt: skip
_LIGHT, _HEAVY, _DOUBLE = 0, 1, 2
"""Pixels on either side of the middle of a line."""
_ARMS: Final = ("1100", "0011", "0101", "1001", "0110", "1010", "0111", "1011", "1101", "1110", "1111")
_STROKES: Final = {
    character: (half, arms)
    for half, characters in ((_LIGHT, "─│┌┐└┘├┤┬┴┼"), (_HEAVY, "━┃┏┓┗┛┣┫┳┻╋"), (_DOUBLE, "═║╔╗╚╝╠╣╦╩╬"))
    for character, arms in zip(characters, _ARMS, strict=True)
} | {"╸": (_HEAVY, "1000"), "╺": (_HEAVY, "0100"), "╹": (_HEAVY, "0010"), "╻": (_HEAVY, "0001")}
"""Lines of boxes: which way they go from the middle of a cell, left, right, up, down. A font's own leave gaps."""


@dataclass(frozen=True, slots=True)
class Place:
    """A terminal that the till is shown in, and which of the pictures are taken there."""

    prefix: str
    size: tuple[int, int]
    term: str
    wanted: frozenset[str]


class Camera:
    """One terminal with a till in it."""

    def __init__(self, terminal: Terminal, place: Place, folder: Path = HERE) -> None:
        self.terminal, self.place, self.folder = terminal, place, folder
        self._screen = pyte.Screen(*place.size)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        folder.mkdir(parents=True, exist_ok=True)

    def press(self, *keys: str, expect: str = "") -> None:
        """Press keys by name, or type a text as a person does; then wait for a text and until nothing moves."""
        for key in keys:
            for stroke in [KEYS[key]] if key in KEYS else key:
                self.terminal.type(stroke)
                self.terminal.watch(BETWEEN_KEYS)
        self._wait_for(expect)

    def scan(self, code: str, *, expect: str = "") -> None:
        """Scan a code as a keyboard wedge does: all at once."""
        self.terminal.type(f"{code}\r")
        self._wait_for(expect)

    def _wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            self.terminal.settle(0.4)
            shown = self.screen().display
            if any(text in line for line in shown):
                return
            if time.monotonic() > deadline:
                raise TooSlow("\n".join((f"no {text!r} on", *shown)))

    def screen(self) -> pyte.Screen:
        """What the terminal shows now."""
        self._stream.feed(bytes(self.terminal.drawn[self._fed :]))
        self._fed = len(self.terminal.drawn)
        return self._screen

    def take(self, name: str) -> None:
        """Keep the screen as ``prefix-name.png``, if it is wanted here."""
        if name in self.place.wanted:
            draw(self.screen()).save(self.folder / f"{self.place.prefix}-{name}.png", optimize=True)


def draw(screen: pyte.Screen) -> Image.Image:
    """A screen as a picture of the console."""
    width, height = CELL
    font = ImageFont.truetype(str(files("barcode") / "fonts" / "DejaVuSansMono.ttf"), SIZE)
    image = Image.new("RGB", (screen.columns * width, screen.lines * height), PALETTE["black"])
    pen = ImageDraw.Draw(image)
    for row in range(screen.lines):
        for column in range(screen.columns):
            cell = screen.buffer[row][column]
            back = _colour(cell.bg, "black")
            front = _colour(cell.fg, "white")
            if cell.reverse:
                front, back = back, front
            corner = (column * width, row * height)
            if back != PALETTE["black"]:
                pen.rectangle((*corner, corner[0] + width - 1, corner[1] + height - 1), fill=back)
            if cell.data in _STROKES:
                _rule(pen, corner, cell.data, front, back)
            elif cell.data.strip():
                pen.text((corner[0], corner[1] + 1), cell.data, fill=front, font=font)
    return image.quantize(colors=32)


def _rule(pen: ImageDraw.ImageDraw, corner: tuple[int, int], character: str, front: str, back: str) -> None:
    """Draw the lines of one cell; a double line is a thick one that is hollow."""
    half, arms = _STROKES[character]
    for thick, colour in ((half, front), *(((_DOUBLE - 1, back),) if half == _DOUBLE else ())):
        (left, top), (width, height) = corner, CELL
        x, y = left + width // 2, top + height // 2
        boxes = (
            (left, y - thick, x + thick, y + thick),
            (x - thick, y - thick, left + width - 1, y + thick),
            (x - thick, top, x + thick, y + thick),
            (x - thick, y - thick, x + thick, top + height - 1),
        )
        for there, box in zip(arms, boxes, strict=True):
            if there == "1":
                pen.rectangle(box, fill=colour)


def _colour(name: str, otherwise: str) -> str:
    if name == "default":
        return PALETTE[otherwise]
    return PALETTE.get(name) or f"#{name}"


def journey(camera: Camera) -> None:
    """Sign in, three scans, a quantity, an open price, a discount, cash, the receipt; then one by bank card."""
    camera.press(expect="Who are you?")
    camera.take("sign-in")
    camera.press("1", "1111", "Enter", expect="New sale")
    for number in ("104", "601", "311"):
        camera.scan(barcode(number))
    camera.press("3*", expect="3 *")
    camera.take("scanned")
    camera.scan(barcode("541"), expect="14.22")
    detours(camera)
    camera.press("991", "Enter", expect="Price of Divers")
    camera.press("5")
    camera.take("open-price")
    camera.press("Enter", expect="19.22")
    camera.press("Enter", expect="PAYMENT")
    camera.press("10/", expect="17.30")
    camera.press("20", expect="change 2.70")
    camera.take("payment")
    camera.press("Enter", expect="CHANGE")
    camera.take("change")
    camera.press("F8", expect="HISTORY")
    camera.take("history")
    camera.press("Enter", expect="RECEIPT")
    camera.take("receipt")
    camera.press("Esc", "Esc")
    camera.scan(barcode("701"))
    camera.press("Enter", expect="PAYMENT")
    camera.press("+", expect="Paid?")
    camera.take("bank-card")
    camera.press("Enter", expect="is paid")


def detours(camera: Camera) -> None:
    """A code that nobody knows, a search, the help: the sale stays as it is."""
    camera.scan("4099887766550", expect="4099887766550")
    camera.take("unknown-code")
    camera.press("Esc", "Esc")
    camera.press("pai", expect="Pain complet")
    camera.take("search")
    camera.press("Esc", "F1", expect="Search the keys")
    camera.take("keys")
    camera.press("Esc", expect="14.22")


PLACES: Final = (
    Place(
        "console",
        (80, 25),
        "linux",
        frozenset(
            {"sign-in", "scanned", "open-price", "payment", "change", "receipt", "bank-card", "unknown-code"}
            | {"search", "keys"}
        ),
    ),
    Place("wide", (128, 48), "linux", frozenset({"scanned", "payment", "history"})),
)


def main() -> int:
    """Run the demo in a console and in a large terminal, and keep what it shows."""
    for place in PLACES:
        with tempfile.TemporaryDirectory() as state:
            command = (sys.executable, "-m", "kiosk", "demo", "--dir", state)
            with Terminal(command, size=place.size, term=place.term, truecolor=False) as terminal:
                camera = Camera(terminal, place)
                journey(camera)
    return 0


if __name__ == "__main__":
    sys.exit(main())
