"""Reads back what a PDF of ours draws: its texts with their places, and its filled rectangles."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import dataclass, field

Matrix = tuple[float, float, float, float, float, float]

_TOKEN = re.compile(
    rb"\((?P<string>(?:\\.|[^\\()])*)\)|<(?P<hexadecimal>[0-9A-Fa-f]*)>|(?P<name>/[^\s/\[\]()<>]+)"
    rb"|(?P<number>[-+]?\d*\.?\d+)|(?P<operator>[A-Za-z'\"*]+)",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


@dataclass
class Text:
    """A text and where it begins, in points from the lower left corner."""

    x: float
    y: float
    size: float
    mode: int
    text: str


@dataclass
class Page:
    """What is drawn on a page."""

    width: float
    height: float
    texts: list[Text] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    """x, y, width and height of each rectangle that is filled."""

    def lines(self) -> list[str]:
        """All texts, from the top down."""
        return [text.text for text in sorted(self.texts, key=lambda text: (-text.y, text.x))]


def read_pdf(data: bytes) -> list[Page]:
    """The pages of a PDF in their order."""
    objects = {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\s(.*?)endobj", data, re.DOTALL)}
    tree = next(body for body in objects.values() if re.search(rb"/Type\s*/Pages", body))
    order = re.search(rb"/Kids\s*\[(.*?)\]", tree, re.DOTALL)
    assert order is not None
    return [_page(objects, objects[int(number)]) for number in re.findall(rb"(\d+) 0 R", order[1])]


def _page(objects: dict[int, bytes], body: bytes) -> Page:
    box = re.search(rb"/MediaBox\s*\[\s*([^\]]*)\]", body)
    assert box is not None
    _left, _bottom, width, height = (float(number) for number in box[1].split())
    fonts = {}
    for name, number in re.findall(rb"(/F\S+)\s+(\d+) 0 R", _resource(objects, body, rb"/Font")):
        fonts[name.decode()] = _letters(objects, objects[int(number)])
    content = _reference(body, rb"/Contents")
    return _drawn(_stream(objects[content]), fonts, Page(width, height))


def _resource(objects: dict[int, bytes], body: bytes, key: bytes) -> bytes:
    found = re.search(key + rb"\s+(\d+) 0 R", body)
    return objects[int(found[1])] if found else body


def _reference(body: bytes, key: bytes) -> int:
    found = re.search(key + rb"\s+(\d+) 0 R", body)
    assert found is not None, key
    return int(found[1])


def _stream(body: bytes) -> bytes:
    head, _, rest = body.partition(b"stream")
    raw = rest.lstrip(b"\r\n").rpartition(b"endstream")[0]
    if b"ASCII85Decode" in head:
        raw = base64.a85decode(raw.strip().removesuffix(b"~>"))
    return zlib.decompress(raw) if b"FlateDecode" in head else raw


def _letters(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    if b"/ToUnicode" not in font:
        return {code: chr(code) for code in range(256)}
    table = _stream(objects[_reference(font, rb"/ToUnicode")]).decode("ascii")
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        pairs = re.findall(r"<(\w+)>\s*<(\w+)>", block)
        found.update({int(code, 16): chr(int(letter, 16)) for code, letter in pairs})
    return found


def _drawn(stream: bytes, fonts: dict[str, dict[int, str]], page: Page) -> Page:
    state: Matrix = (1, 0, 0, 1, 0, 0)
    stack: list[tuple[Matrix, int]] = []
    place: Matrix = state
    operands: list[str | float | bytes] = []
    pending: list[tuple[float, float, float, float]] = []
    font, size, mode = "", 0.0, 0
    for token in _TOKEN.finditer(stream):
        kind = token.lastgroup
        if kind != "operator":
            operands.append(_operand(kind or "", token[0]))
            continue
        numbers = [operand for operand in operands if isinstance(operand, float)]
        match token[0].decode():
            case "q":
                stack.append((state, mode))
            case "Q":
                state, mode = stack.pop()
            case "cm":
                state = _times(_matrix(numbers), state)
            case "Tm":
                place = _times(_matrix(numbers), state)
            case "Tf":
                font, size = str(operands[0]), numbers[-1]
            case "Tr":
                mode = int(numbers[-1])
            case "Tj":
                raw = operands[-1]
                assert isinstance(raw, bytes)
                text = "".join(fonts[font].get(code, "") for code in raw)
                page.texts.append(Text(place[4], place[5], size, mode, text))
            case "re":
                x, y, width, height = numbers[-4:]
                pending.append((*_point(state, x, y), width * state[0], height * state[3]))
            case "f" | "f*" | "B" | "b":
                page.boxes += pending
                pending = []
            case "n" | "S" | "s":
                pending = []
        operands = []
    return page


def _operand(kind: str, raw: bytes) -> str | float | bytes:
    if kind == "number":
        return float(raw)
    if kind == "string":
        text = raw[1:-1].decode("latin-1")
        plain = re.sub(r"\\([0-7]{1,3}|.)", lambda found: _unescaped(found[1]), text, flags=re.DOTALL)
        return plain.encode("latin-1")
    return bytes.fromhex(raw[1:-1].decode()) if kind == "hexadecimal" else raw.decode()


def _unescaped(escaped: str) -> str:
    return chr(int(escaped, 8)) if escaped.isdigit() else _ESCAPES.get(escaped, escaped)


def _matrix(numbers: list[float]) -> Matrix:
    a, b, c, d, e, f = numbers[-6:]
    return a, b, c, d, e, f


def _times(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _point(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
