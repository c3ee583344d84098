"""Documents as bytes, read back by a decoder that knows no mercy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kiosk.devices import Command, PrinterTrouble
from kiosk.devices.escpos_bytes import document_bytes
from kiosk.devices.options import PrinterOptions
from tests.devices.escpos_decoder import Bars, Cut, Feed, Kick, Line, Square, UnknownSequence, decode, text_of

OPTIONS = PrinterOptions()


def printed(*commands: Command, options: PrinterOptions = OPTIONS, open_drawer: bool = False) -> list[object]:
    return list(decode(document_bytes(commands, options, open_drawer=open_drawer)))


def test_lines_come_out_in_their_styles() -> None:
    assert printed(
        ("text", "Boulangerie du Parc", "bold"),
        ("text", "17,30", "big"),
        ("text", "17,30", "big-bold"),
        ("text", "", ""),
        ("text", "  plain", ""),
        ("text", "bold", "bold"),
        ("text", "big after bold", "big"),
    ) == [
        Line("Boulangerie du Parc", bold=True),
        Line("17,30", big=True),
        Line("17,30", bold=True, big=True),
        Line(""),
        Line("  plain"),
        Line("bold", bold=True),
        Line("big after bold", big=True),
    ]


@pytest.mark.parametrize("code_page", ["CP858", "CP1252", "ISO_8859-15"])
def test_the_languages_of_the_till_and_the_euro_come_out(code_page: str) -> None:
    text = "3,50 € é è ê ë à â ç ù û ü ö ä ß Ü É ñ ì ò ï § °"
    assert printed(("text", text, ""), options=PrinterOptions(code_page=code_page)) == [Line(text)]


def test_what_the_code_page_lacks_is_replaced_and_keeps_its_width() -> None:
    assert text_of(
        document_bytes((("text", "‘Ann’ – Ő 漢 \u20ac \u0142 \U0001f600|", ""),), OPTIONS, open_drawer=False)
    ) == ["'Ann' - O ?? € ? ??|"]


def test_without_a_euro_in_the_code_page_a_question_mark_stands_for_it() -> None:
    assert printed(("text", "1 € é", ""), options=PrinterOptions(code_page="CP437")) == [Line("1 ? é")]


@pytest.mark.parametrize(
    "name", ["Ann\x1bp\x00\x19", "Ann\x1b\x70\x00\x19\xfa", "\x10\x14\x01\x00\x05Ann", "Ann\x1d\x56\x00"]
)
def test_no_name_opens_the_drawer_or_cuts_the_paper(name: str) -> None:
    items = printed(("text", name, ""), ("barcode", "code128", name), ("qr", name))
    assert not [item for item in items if isinstance(item, Kick | Cut)]
    assert isinstance(items[0], Line)
    assert "Ann" in items[0].text


@given(
    some.lists(
        some.one_of(
            some.tuples(some.just("text"), some.text(max_size=60), some.sampled_from(["", "bold", "big", "big-bold"])),
            some.tuples(
                some.just("barcode"),
                some.sampled_from(["code128", "ean13"]),
                some.text(some.characters(max_codepoint=0x17F), min_size=1, max_size=48),
            ),
            some.tuples(some.just("qr"), some.text("abc\x1b\x00é漢{}", min_size=1).map(lambda text: f"x{text}")),
            some.just(("cut",)),
        ),
        max_size=12,
    ),
    some.booleans(),
    some.sampled_from(["CP858", "CP1252", "CP437"]),
)
def test_no_text_however_hostile_becomes_a_command(commands: list[Command], open_drawer: bool, code_page: str) -> None:
    """As many lines, codes and cuts as were asked for, and a kick only if one was."""
    options = PrinterOptions(code_page=code_page)
    items = printed(*commands, options=options, open_drawer=open_drawer)
    assert [isinstance(item, Kick) for item in items[:1]] == [True] * bool(open_drawer) or not open_drawer
    assert sum(isinstance(item, Kick) for item in items) == open_drawer
    assert sum(isinstance(item, Cut) for item in items) == commands.count(("cut",))
    assert sum(isinstance(item, Square) for item in items) == sum(command[0] == "qr" for command in commands)
    asked = [command for command in commands if command[0] in ("text", "barcode")]
    assert sum(isinstance(item, Line | Bars) for item in items) == len(asked)


@given(some.text("0123456789", min_size=4, max_size=28).filter(lambda data: len(data) not in (13,)))
def test_digits_become_code_128_and_are_read_back(data: str) -> None:
    (item,) = printed(("barcode", "code128", data), options=PrinterOptions(columns=48))
    assert isinstance(item, Bars)
    assert (item.kind, item.data, item.align) == ("code128", data, "center")


@given(some.text(some.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=15))
def test_every_printable_character_becomes_code_128_and_is_read_back(data: str) -> None:
    (item,) = printed(("barcode", "code128", data))
    assert isinstance(item, Bars)
    assert item.data == data


def test_a_card_of_16_digits_fits_narrow_paper_in_wide_bars() -> None:
    (item,) = printed(("barcode", "code128", "4006381333931234"), options=PrinterOptions(columns=32))
    assert item == Bars("code128", "4006381333931234", 3, "center")


def test_a_code_too_wide_for_the_paper_is_printed_as_text_instead_of_as_nothing() -> None:
    data = "A-VERY-LONG-CODE-OF-40-CHARACTERS-1234567"
    assert printed(("barcode", "code128", data), options=PrinterOptions(columns=32)) == [Line(data, align="center")]


def test_an_ean_13_is_printed_as_one_and_a_wrong_one_as_code_128() -> None:
    assert printed(("barcode", "ean13", "4006381333931"), ("barcode", "ean13", "4006381333932")) == [
        Bars("ean13", "4006381333931", 3, "center"),
        Bars("code128", "4006381333932", 3, "center"),
    ]


@pytest.mark.parametrize(
    ("columns", "size", "cell"), [(32, 16, 8), (48, 16, 8), (32, 300, 4), (48, 1000, 4), (32, 2300, 2)]
)
def test_a_qr_code_is_as_large_as_the_paper_allows(columns: int, size: int, cell: int) -> None:
    data = "x" * size
    assert printed(("qr", data), options=PrinterOptions(columns=columns)) == [Square(data, cell, "center")]


def test_text_after_a_code_is_at_the_left_again() -> None:
    items = printed(("qr", "x"), ("text", "after", ""), ("barcode", "code128", "1"), ("text", "after", ""))
    assert [item.align for item in items if isinstance(item, Line)] == ["left", "left"]


@pytest.mark.parametrize(
    ("cut", "items"),
    [("full", [Feed(6), Cut(whole=True)]), ("part", [Feed(6), Cut(whole=False)]), ("none", [Feed(6)])],
)
def test_paper_is_fed_past_the_knife_and_cut(cut: str, items: list[object]) -> None:
    assert printed(("cut",), options=PrinterOptions(cut=cut)) == items  # type: ignore[arg-type]


@pytest.mark.requirement("D5-06")
@pytest.mark.parametrize("pin", [2, 5])
def test_the_drawer_is_kicked_on_its_pin_before_the_paper_and_needs_none(pin: int) -> None:
    options = PrinterOptions(drawer_pin=pin)  # type: ignore[arg-type]
    assert printed(options=options, open_drawer=True) == [Kick(pin, 100)]
    assert printed(("text", "x", ""), options=options, open_drawer=True) == [Kick(pin, 100), Line("x")]


def test_nothing_to_print_is_no_bytes() -> None:
    assert document_bytes((), OPTIONS, open_drawer=False) == b""


def test_asian_signs_can_be_switched_off() -> None:
    data = document_bytes((("text", "é", ""),), PrinterOptions(cancel_kanji=True), open_drawer=False)
    assert b"\x1c." in data
    assert text_of(data) == ["é"]
    assert b"\x1c." not in document_bytes((("text", "é", ""),), OPTIONS, open_drawer=False)


@pytest.mark.parametrize(
    ("command", "reason"),
    [(("picture", "x"), "bad-document"), (("text", "x", "huge"), "bad-document"), (("qr", "x" * 2332), "bad-document")],
)
def test_a_command_that_cant_be_printed_is_refused(command: Command, reason: str) -> None:
    with pytest.raises(PrinterTrouble) as refused:
        document_bytes((command,), OPTIONS, open_drawer=False)
    assert refused.value.reason == reason


@pytest.mark.parametrize("options", [{"code_page": "CP9999"}, {"profile": "TM-NOTHING"}, {"profile": "simple"}])
def test_settings_that_the_printer_lacks_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(PrinterTrouble) as refused:
        document_bytes((("text", "x", ""),), PrinterOptions(**options), open_drawer=False)  # type: ignore[arg-type]
    assert refused.value.reason == "bad-settings"


@pytest.mark.parametrize(
    "data",
    [
        b"x\n",
        b"\x1b@x",
        b"\x1b@\x07",
        b"\x1b@\x1bZ",
        b"\x1b@\x10\x14\x01\x00\x05",
        b"\x1b@x\x1bd\x06",
        b"\x1b",
        b"\x1b@\x1d(L",
        b"\x1b@\r\n",
    ],
)
def test_the_decoder_fails_on_what_a_printer_might_misunderstand(data: bytes) -> None:
    with pytest.raises(UnknownSequence):
        decode(data)


def run_python(script: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "TMPDIR": str(directory)},
    )


PRINT = """
import logging, sys
from kiosk.devices.printer import make_printer
make_printer("file", sys.argv[1] if len(sys.argv) > 1 else {out!r}, cache={cache!r}).send(
    [("text", "x", ""), ("barcode", "code128", "123456"), ("qr", "x")]
)
assert not logging.getLogger().handlers
"""


@pytest.mark.parametrize("cached", [True, False])
def test_printing_says_nothing_on_the_screen_and_leaves_nothing_behind(tmp_path: Path, cached: bool) -> None:
    temporary, cache = tmp_path / "tmp", tmp_path / "cache"
    temporary.mkdir()
    for _ in range(2):
        done = run_python(PRINT.format(out=str(tmp_path / "out"), cache=str(cache) if cached else ""), temporary)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(temporary.iterdir()) == []
    assert cache.exists() == cached
    assert len(text_of((tmp_path / "out").read_bytes())) == 2


@pytest.mark.parametrize("half", [b"", b"\x80\x02}q\x00"])
def test_a_list_of_printers_cut_off_by_a_power_cut_is_made_anew(tmp_path: Path, half: bytes) -> None:
    cache = tmp_path / "cache"
    script = PRINT.format(out=str(tmp_path / "out"), cache=str(cache))
    assert run_python(script, tmp_path).returncode == 0
    (pickled,) = cache.iterdir()
    whole = pickled.read_bytes()
    pickled.write_bytes(half)
    done = run_python(script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert pickled.read_bytes() == whole


def test_importing_the_devices_loads_no_library(tmp_path: Path) -> None:
    script = """
import pkgutil, sys, importlib
import kiosk.devices
for module in pkgutil.iter_modules(kiosk.devices.__path__, "kiosk.devices."):
    importlib.import_module(module.name)
heavy = {"evdev", "escpos", "PIL", "yaml", "serial", "usb", "qrcode", "barcode", "textual", "peewee"}
print(sorted(heavy & set(sys.modules)), sorted(n for n in sys.modules if n.startswith("kiosk.") and "devices" not in n))
"""
    done = run_python(script, tmp_path)
    assert (done.stdout, done.stderr) == ("[] []\n", "")
