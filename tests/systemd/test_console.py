"""The console is set up for the till, and a console that cannot be never keeps the till from starting."""

import fcntl
from pathlib import Path

import pytest

from kiosk.install import console


@pytest.mark.parametrize(
    ("width", "height", "name"),
    [
        (1280, 800, "TerminusBold32x16"),
        (1366, 768, "TerminusBold28x14"),
        (1920, 1080, "TerminusBold32x16"),
        (1280, 720, "TerminusBold28x14"),
        (1024, 768, "TerminusBold24x12"),
        (800, 480, "TerminusBold18x10"),
        (640, 480, "TerminusBold16"),
        (320, 240, "TerminusBold16"),
    ],
)
def test_the_font_is_the_largest_with_room_for_the_sale(width: int, height: int, name: str) -> None:
    """80 columns and 25 rows; on a smaller screen the smallest font (UX.md 4.6)."""
    assert console.font_for(width, height) == name


def test_the_font_with_more_letters_is_taken_and_none_is_no_fault(tmp_path: Path) -> None:
    """Names of customers have more letters than western Europe."""
    assert console.font_file("1280,800\n", tmp_path) is None
    western = tmp_path / "Lat15-TerminusBold32x16.psf.gz"
    western.touch()
    assert console.font_file("1280,800\n", tmp_path) == western
    wider = tmp_path / "Uni2-TerminusBold32x16.psf.gz"
    wider.touch()
    assert console.font_file("1280,800\n", tmp_path) == wider
    assert console.font_file("nonsense", tmp_path) is None


def test_the_palette_is_what_the_kernel_takes() -> None:
    """Sixteen times red, green and blue; ink first, strong text last."""
    palette = console.palette_bytes()
    assert len(palette) == 48
    assert palette[:3] == bytes([0x10, 0x14, 0x1C])
    assert palette[-3:] == b"\xff\xff\xff"


def test_what_is_asked_of_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers of linux/vt.h and linux/kd.h, in the order of the words."""
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(fcntl, "ioctl", lambda fd, *request: asked.append(request))
    tty = tmp_path / "tty1"
    tty.touch()
    assert console.main(["lock", "unlock", "keyboard"], tty) == 0
    assert asked == [(0x5606, 1), (0x560B,), (0x560C,), (0x4B45, 3)]


def test_a_console_that_refuses_is_told_and_the_next_word_is_still_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A till with the wrong colours sells; one that does not start does not."""
    no_tty = tmp_path / "tty1"
    no_tty.touch()
    monkeypatch.setattr(console, "SCREEN", tmp_path / "no-screen")
    assert console.main(["dress", "lock"], no_tty) == 0
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in told] == ["dress", "lock"]


def test_wrong_words_and_a_missing_console_are_errors(tmp_path: Path) -> None:
    """The technician sees the exit code."""
    assert console.main([], tmp_path) == 2
    assert console.main(["lock", "shell"], tmp_path) == 2
    assert console.main(["lock"], tmp_path / "none") == 1
