"""A terminal that cannot be broken: the real program in a terminal of its own (PLATFORM.md 4 and 7)."""

from __future__ import annotations

import gc
import re
import signal
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
import textual

from kiosk import terminal
from kiosk.services.demo import barcode
from tests.support.terminal import Seat, copy_demo, make_demo, open_till

pytestmark = pytest.mark.torture
"""It measures time in a real terminal, which a machine with other work to do stretches: run by `make torture`."""

BREAD, MILK, COFFEE = barcode("104"), barcode("701"), barcode("601")
ENDS_PROGRAMS = b"\x03\x11\x1a\x1c\x10\x13\x00\x04"
"""Ctrl+C, Q, Z, backslash, P (Textual's palette), S, and two that end an input."""
MEGABYTE = 1024 * 1024
KEYS_A_SECOND = 800

EVIL = """
from pathlib import Path
Path(__file__).with_name("loaded").touch()
class Driver: ...
"""
FAULTY = """
import sys
from kiosk import terminal
terminal.prepare()
from kiosk.cli import main
from kiosk.screens.sale import SaleScreen

async def fails(screen):
    card = "5500 0000 0000 0004"
    raise RuntimeError("the PIN 4711 of card " + card)

def fails_at_once(screen):
    pin = "4711"
    raise RuntimeError("the PIN " + pin)

SaleScreen.action_history = fails
SaleScreen.action_menu = fails_at_once
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("made") / "shop"
    make_demo(made)
    return made


@pytest.fixture
def shop(demo: Path, tmp_path: Path) -> Path:
    return copy_demo(demo, tmp_path / "shop")


@pytest.fixture(scope="module")
def room(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Seat]]:
    """The till at which most tests take place one after the other; it is started again where it is needed."""
    tills: list[Seat] = []
    yield tills
    for one in tills:
        one.close()


@pytest.fixture
def seat(room: list[Seat], demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seat]:
    """A till on a console of 80 x 25 with an empty sale; whatever is done to it, all that it sends is meant."""
    if not room:
        room.append(open_till(copy_demo(demo, tmp_path_factory.mktemp("room") / "shop")))
    try:
        yield room[0]
        room[0].settle(0.1)
        assert room[0].foreign() == []
        _clear(room[0])
    except BaseException:
        room.pop().close()
        raise


def _clear(seat: Seat) -> None:
    """Sell what is in the sale, so that the next test begins with another one."""
    seat.keys("Esc", "Esc")
    if re.search(r"\d items?", seat.text):
        seat.keys("F12")
        seat.until("is paid")


@pytest.fixture
def own(shop: Path) -> Iterator[Seat]:
    """A till that a test may break."""
    with open_till(shop) as made:
        yield made
        made.settle(0.1)
        assert made.foreign() == []


def answers(seat: Seat) -> None:
    """An article that is typed is sold: the till is there, at its sale screen, and its entry line is empty."""
    seat.keys("Esc", "Esc", "101", "Enter")
    seat.until("Baguette  1.10")


def below_the_clock(seat: Seat) -> list[str]:
    return seat.lines[1:]


# Keys, signals and the environment


@pytest.mark.parametrize(("term", "size"), [("linux", (80, 25)), ("xterm-256color", (128, 48))])
def test_keys_that_end_programs_elsewhere_do_nothing(shop: Path, term: str, size: tuple[int, int]) -> None:
    with open_till(shop, term=term, size=size) as seat:
        seat.settle(0.2)
        before = below_the_clock(seat)
        for key in ENDS_PROGRAMS[:6]:
            seat.send(bytes([key]))
            seat.watch(0.05)
        seat.keys("7")
        seat.until("┃ 7")
        seat.keys("Erase")
        seat.until_gone("┃ 7")
        seat.settle(0.1)
        assert below_the_clock(seat) == before
        assert seat.is_raw()
        assert not seat.has_ended()
        assert seat.foreign() == []


def test_those_keys_do_end_another_program_in_such_a_terminal() -> None:
    with Seat(("cat",)) as seat:
        seat.send(b"there\r")
        seat.until("there")
        seat.send(b"\x03")
        assert seat.ended() == -signal.SIGINT


def test_every_variable_of_textual_is_cleared_whatever_it_says(shop: Path, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "evil.py").write_text(EVIL)
    known = {
        name
        for source in Path(textual.__file__).parent.rglob("*.py")
        for name in re.findall(r"TEXTUAL_[A-Z_]+", source.read_text())
    }
    assert {"TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_ALLOW_SIGNALS", "TEXTUAL_PRESS"} <= known
    hostile = dict.fromkeys(known, "1") | {
        "TEXTUAL": "debug,devtools",
        "TEXTUAL_DRIVER": "evil:Driver",
        "TEXTUAL_LOG": str(evil / "log"),
        "TEXTUAL_SCREENSHOT": "0",
        "TEXTUAL_SCREENSHOT_LOCATION": str(evil),
        "TEXTUAL_PRESS": "f,1,2",
        "TEXTUAL_THEME": "textual-light",
        "TEXTUAL_FILTERS": "dim",
        "TEXTUAL_DISABLE_KITTY_KEY": "0",
        "PYTHONPATH": str(evil),
    }
    control = [sys.executable, "-c", "from textual.app import App; App()"]
    with Seat(control, environment={name: hostile[name] for name in ("TEXTUAL_DRIVER", "PYTHONPATH")}) as other:
        other.ended()
    assert (evil / "loaded").exists(), "Textual by itself does load what the variable names"
    (evil / "loaded").unlink()
    left = set(evil.iterdir())
    another = copy_demo(shop, tmp_path / "another")
    with open_till(shop) as plain, open_till(another, environment=hostile) as seat:
        for one in (plain, seat):
            one.send(b"\x03\x1a")
            answers(one)
            one.settle(0.2)
        assert below_the_clock(seat) == below_the_clock(plain)
        assert seat.is_raw()
        assert seat.foreign() == [], "no keyboard protocol was asked for either"
    assert set(evil.iterdir()) == left


@pytest.mark.requirement("D8-06")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_stopped_till_gives_the_terminal_back_and_keeps_the_open_basket(shop: Path, number: signal.Signals) -> None:
    with open_till(shop) as seat:
        assert seat.is_raw()
        seat.scan(BREAD, MILK)
        seat.until("2 items")
        seat.kill(number)
        stopped = time.monotonic()
        assert seat.ended() == 0
        assert time.monotonic() - stopped < 2.0
        assert seat.modes() == seat.modes_before
        assert bytes(seat.drawn).endswith(b"\x1b[?1049l\x1b[?25h\x1b[?1004l")
        assert "".join(seat.lines).strip() == "", "a console has no second screen: nothing of the sale stays on it"
        assert seat.foreign() == []
    with open_till(shop) as again:
        assert "Pain de campagne" in again.until("2 items", "This sale was left open.", "Lait entier")


def test_a_till_that_is_stopped_while_it_starts_gives_the_terminal_back_too(shop: Path) -> None:
    command = (sys.executable, "-m", "kiosk", "--config", str(shop / "kiosk.toml"), "run")
    with Seat(command) as seat:
        while b"\x1b[?1049h" not in seat.drawn:
            seat.watch(0.005)
        seat.kill(signal.SIGTERM)
        assert seat.ended() == 0
        assert seat.modes() == seat.modes_before
        assert b"\x1b[?25h" in bytes(seat.drawn)[-30:]


@pytest.mark.requirement("D8-06")
def test_a_killed_till_finds_its_basket_again(shop: Path) -> None:
    with open_till(shop) as seat:
        seat.scan(BREAD, MILK, BREAD)
        seat.until("3 items")
        seat.settle(0.3)
        seat.kill(signal.SIGKILL)
        assert seat.ended() == -signal.SIGKILL
    with open_till(shop) as again:
        again.until("3 items", "This sale was left open.")


def test_a_lost_terminal_ends_the_till(own: Seat) -> None:
    own.hang_up()
    assert own.ended() in {0, 1}, "by the hang-up signal, or by the end of what it reads"


# Faults


@pytest.mark.parametrize("key", ["F8", "F10"])
def test_a_fault_shows_a_plain_page_and_the_log_has_the_traceback(shop: Path, key: str) -> None:
    with open_till(shop, program=("-c", FAULTY)) as seat:
        seat.scan(BREAD)
        seat.until("1 item")
        seat.settle(0.2)
        drawn = len(seat.drawn)
        seat.keys(key)
        assert seat.ended() == 1
        assert [line.strip() for line in seat.lines if line.strip()] == [
            "The till has stopped because of a fault.",
            "Sales that were paid are safe, and the open sale is kept.",
            "It starts again by itself; if it does not, switch it off and on.",
        ]
        assert seat.modes() == seat.modes_before
        for secret in (b"4711", b"5500", b"Traceback", b"RuntimeError", b"Pain"):
            assert secret not in seat.drawn[drawn:]
        assert seat.foreign() == []
    log = (shop / "till.log").read_text()
    assert "Traceback" in log
    assert "RuntimeError: the PIN" in log
    with open_till(shop) as again:
        again.until("Pain de campagne", "This sale was left open.")


def test_a_database_that_is_spoilt_under_the_till_stops_it_with_the_same_page(own: Seat, shop: Path) -> None:
    own.scan(BREAD)
    own.until("1 item")
    own.settle(0.3)
    for path in (shop / "kiosk.db", shop / "kiosk.db-wal"):
        path.write_bytes(Random(1).randbytes(path.stat().st_size))
    own.keys("F12")
    assert own.ended() == 1
    assert "The till has stopped because of a fault." in own.text
    assert b"Traceback" not in own.drawn
    assert "StorageFailed" in (shop / "till.log").read_text()


# Bytes


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\xc3\x28\x80\xf0\x9f",
        b"\x00\x00\x07\x08",
        b"\x1b",
        b"\x1b[",
        b"\x1b[1;",
        b"\x1b]0;evil",
        b"\x1b]52;c;ZXZpbA==\x07",
        b"\x1bP1$r\x1b\\",
        b"\xc2\x9b12n\xc2\x9d0;x\xc2\x9c",
        b"\x1b[12;2]\x1b[12;3]",
        b"\x1b[<0;5;5M\x1b[<0;5;5m\x1b[M !!",
        b"\x1b[48;30000;30000;1;1t",
        b"\x1b[48;1;1;1;1t",
        b"\x1b[?2048;2$y\x1b[48;5;5;5;5t",
        b"\x1b[99999999999999999;99999999999999R",
        b"\x1b[O\x1b[I",
        b"\x1b[25~\x1b[33~\x1b[34~",
        b"\x1b[200~half of a paste",
        b"\x1b[200~a\x1b[20",
    ],
    ids=repr,
)
def test_bytes_that_are_no_keys_harm_nothing(seat: Seat, data: bytes) -> None:
    memory = seat.memory_bytes()
    seat.send(data)
    seat.settle(0.7 if b"200~" in data else 0.15)
    assert not seat.has_ended()
    assert seat.memory_bytes() - memory < 8 * MEGABYTE
    seat.keys("Esc", "Esc", "7")
    seat.until("┃ 7 ")
    seat.keys("Esc")
    seat.until_gone("┃ 7 ")
    assert seat.foreign() == []


def test_a_letter_that_comes_in_two_pieces_is_one_letter(seat: Seat) -> None:
    seat.send(b"\xc3")
    seat.settle(0.2)
    seat.send(b"\xa9")
    seat.until("┃ é")
    answers(seat)


def test_an_escape_is_no_part_of_what_is_typed_soon_after_it(seat: Seat) -> None:
    seat.keys("5")
    seat.until("┃ 5")
    seat.send(b"\x1b")
    seat.watch(0.05)
    seat.send(b"7")
    seat.until("┃ 7")


@pytest.mark.parametrize("seed", [1])
def test_random_keys_and_bytes_are_survived(own: Seat, seed: int) -> None:
    random = Random(seed)
    likely = [BREAD.encode() + b"\r", b"\r", b"\x1b", b"\x1b[24~", b"\x1b[19~", b"\x1b[20~", b"\x1b[21~", b"\x1b[[B"]
    likely += [
        b"+",
        b"-",
        b"*",
        b"3",
        b"pai",
        b"\x1b[B",
        b"\x1b[3~",
        b"\xc3",
        b"[/x]",
        "\u202e😀".encode(),
        b"\x1b[200~",
    ]
    for _turn in range(150):
        own.send(random.choice(likely) if random.random() < 0.8 else random.randbytes(random.randrange(1, 30)))
        if random.random() < 0.3:
            own.watch(0.04)
    own.send(b"\x1b[201~")
    own.settle(0.6)
    assert not own.has_ended()
    assert own.is_raw()
    drawn = len(own.drawn)
    own.send(b"\x1b[[A")
    own.until(true=lambda _seen: len(own.drawn) > drawn)


# Too much


@pytest.mark.parametrize("bracketed", [True, False])
def test_ten_thousand_pasted_characters_are_no_load(seat: Seat, bracketed: bool) -> None:
    memory = seat.memory_bytes()
    pasted = b"x" * 10_000
    seat.send(b"\x1b[200~" + pasted + b"\x1b[201~" if bracketed else pasted)
    begun = time.monotonic()
    seat.until("xxxxxxxx" if bracketed else "Too many keys at once")
    assert time.monotonic() - begun < 5.0
    assert seat.memory_bytes() - memory < 30 * MEGABYTE
    answers(seat)


@pytest.mark.parametrize(("keys", "seconds"), [(b"7", 5.0), (b"a1,", 1.5), (b"\r", 1.5)])
def test_a_flood_of_keys_takes_no_memory_and_the_till_answers_at_once_after_it(
    seat: Seat, keys: bytes, seconds: float
) -> None:
    memory, begun = seat.memory_bytes(), time.monotonic()
    sent = 0
    while (past := time.monotonic() - begun) < seconds:
        wanted = int(past * KEYS_A_SECOND)
        seat.send((keys * KEYS_A_SECOND)[: wanted - sent])
        sent = wanted
        seat.watch(0.02)
    flooded = time.monotonic()
    seat.keys("Esc", "Esc", "hello")
    seat.until("┃ hello")
    assert time.monotonic() - flooded < 1.5, "eight keys of a person among it"
    assert seat.memory_bytes() - memory < 20 * MEGABYTE


# Windows


def test_a_window_that_is_too_small_says_so_and_loses_nothing(seat: Seat) -> None:
    seat.scan(BREAD)
    seat.until("1 item")
    seat.settle(0.2)
    before = below_the_clock(seat)
    seat.resize(60, 15)
    seat.until("The till needs a window of 80 x 24; this one has 60 x 15.")
    assert "TO PAY" not in seat.text
    seat.resize(80, 25)
    seat.until("TO PAY", "Pain de campagne")
    seat.settle(0.2)
    assert below_the_clock(seat) == before
    seat.resize(128, 48)
    seat.until("TO PAY")
    seat.scan(MILK)
    seat.until("2 items")
    seat.settle(0.2)
    assert len(seat.lines[-1].rstrip()) > 80


def test_a_terminal_that_knows_whole_frames_gets_them(own: Seat) -> None:
    own.send(b"\x1b[?2026;2$y")
    own.settle(0.1)
    drawn = len(own.drawn)
    answers(own)
    sent = bytes(own.drawn[drawn:])
    assert sent.count(b"\x1b[?2026h") == sent.count(b"\x1b[?2026l") > 0


# Scanners that type


@pytest.mark.requirement("D1-01", "N16")
def test_twenty_codes_back_to_back_are_twenty_lines_in_order(shop: Path) -> None:
    with open_till(shop, size=(128, 48)) as seat:
        names = {BREAD: "Pain de campagne", MILK: "Lait entier", COFFEE: "Café"}
        codes = [BREAD, MILK, BREAD, BREAD, MILK] * 4
        seat.scan(*codes)
        seat.until("20 items")
        seat.settle(0.2)
        sold = [line for line in seat.lines[3:] if re.match(r"│ +1  ", line)]
        assert len(sold) == 20
        assert all(names[code] in line for code, line in zip(codes, sold, strict=True))


def test_codes_wait_while_a_question_is_open(seat: Seat) -> None:
    seat.scan(BREAD)
    seat.until("1 item")
    seat.scan("4099887766550")
    seat.until("Unknown code")
    seat.scan(*[MILK] * 20)
    seat.until("20 scanned codes wait. Answer first.")
    assert "1 item" in seat.text
    seat.keys("Esc")
    seat.until("21 items")


def test_codes_scanned_during_the_payment_are_of_the_sale_and_none_is_lost(seat: Seat) -> None:
    seat.scan(BREAD)
    seat.until("1 item")
    seat.keys("Enter")
    seat.until("PAYMENT")
    seat.scan(*[MILK] * 20)
    seat.until("21 items")
    assert "PAYMENT" not in seat.text


def test_codes_scanned_while_a_sale_is_closed_belong_to_the_next_one(seat: Seat) -> None:
    seat.scan(BREAD)
    seat.until("1 item")
    seat.watch(0.1)
    seat.send(b"\x1b[24~" + f"{MILK}\r".encode() * 20)
    seat.until("20 items")
    seat.settle(0.2)
    assert "21 items" not in seat.text
    assert "Pain de campagne" not in seat.text


@pytest.mark.parametrize("spoilt", [b"\x02", b"\x03", b"\x1b[3~", b"\xff", b"\x00"])
def test_a_scan_with_a_key_in_it_that_is_no_character_is_rejected(seat: Seat, spoilt: bytes) -> None:
    before = re.findall(r"\d+ items?", seat.text)
    seat.keys("Esc")
    seat.send(MILK[:6].encode() + spoilt + MILK[6:].encode() + b"\r")
    seat.until("That scan came in pieces. Scan again.")
    assert re.findall(r"\d+ items?", seat.text) == before
    seat.keys("7")
    seat.until("┃ 7 ")
    seat.keys("Esc")
    seat.until_gone("That scan came in pieces.")


def test_digits_that_a_person_types_fast_are_an_amount_and_no_scan(seat: Seat) -> None:
    seat.scan(BREAD)
    seat.until("1 item")
    seat.keys("Enter")
    seat.until("PAYMENT")
    seat.keys("10000", "Enter")
    seat.until("CHANGE", "is paid: 3.50")
    assert "Unknown code" not in seat.text


# At rest


def test_a_till_at_rest_draws_nothing_and_takes_no_processor(seat: Seat) -> None:
    seat.scan(BREAD)
    seat.until("1 item")
    seat.settle(1.0)
    if datetime.now().second > 54:  # noqa: DTZ005
        seat.watch(61 - datetime.now().second)  # noqa: DTZ005
    used, begun = seat.cpu_seconds(), time.monotonic()
    assert seat.watch(5.0) == 0
    assert (seat.cpu_seconds() - used) / (time.monotonic() - begun) < 0.02


def test_preparing_clears_and_sets_the_variables_of_textual() -> None:
    environ = {"TEXTUAL_DRIVER": "x:y", "TEXTUAL_LOG": "z", "TERM": "linux", "COLORTERM": "truecolor", "HOME": "/"}
    try:
        terminal.prepare(environ)
    finally:
        gc.enable()
    assert environ == {
        "TERM": "linux",
        "HOME": "/",
        "ESCDELAY": "25",
        "TEXTUAL_DISABLE_KITTY_KEY": "1",
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_FPS": "1000",
    }
