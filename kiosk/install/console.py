"""Sets up the first console for the till, as root and before it: ``python -m kiosk.install.console dress lock``.

``dress`` sets font and colours, ``lock`` and ``unlock`` forbid and allow the switching to other consoles,
``keyboard`` gives the keyboard back after a till that was killed. Source: PLATFORM.md 1, 2 and 4, UX.md 4.6.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

CONSOLE: Final = Path("/dev/tty1")
FONTS: Final = Path("/usr/share/consolefonts")
SCREEN: Final = Path("/sys/class/graphics/fb0/virtual_size")

PALETTE: Final = (
    *("10141c", "b23c17", "00795a", "e69f00", "1d3557", "7b3f6b", "0b6e94", "d3dae3"),
    *("97a1ae", "ff8a5c", "56d9ae", "ffd166", "8fbcff", "f3aed6", "86e0ff", "ffffff"),
)
"""The sixteen colours of the console by slot; the theme of the screens names the slots."""

_SIZES: Final = ((16, 32), (14, 28), (12, 24), (11, 22), (10, 20), (10, 18), (8, 16))
_COLUMNS: Final = 80
_ROWS: Final = 25

# linux/vt.h and linux/kd.h
_VT_ACTIVATE: Final = 0x5606
_VT_LOCKSWITCH: Final = 0x560B
_VT_UNLOCKSWITCH: Final = 0x560C
_KDSKBMODE: Final = 0x4B45
_K_UNICODE: Final = 3
_PIO_CMAP: Final = 0x4B71


def palette_bytes() -> bytes:
    """Return the palette as the kernel takes it: red, green and blue of each slot."""
    return bytes.fromhex("".join(PALETTE))


def font_for(width: int, height: int) -> str:
    """Return the name of the largest Terminus with room for 80 columns and 25 rows on so many pixels."""
    fitting = (size for size in _SIZES if width // size[0] >= _COLUMNS and height // size[1] >= _ROWS)
    across, down = next(fitting, _SIZES[-1])
    return f"TerminusBold{down}" if (across, down) == (8, 16) else f"TerminusBold{down}x{across}"


def font_file(size: str, folder: Path = FONTS) -> Path | None:
    """Return the file of that font with the most letters, or None when Debian's console-setup is not there.

    ``size`` is the size of the screen as the kernel writes it, ``1280,800``.
    """
    try:
        width, height = (int(number) for number in size.strip().split(","))
    except ValueError:
        return None
    name = font_for(width, height)
    files = (folder / f"{letters}-{name}.psf.gz" for letters in ("Uni2", "Lat15"))
    return next((file for file in files if file.is_file()), None)


def _dress(console: int) -> None:
    fcntl.ioctl(console, _PIO_CMAP, palette_bytes())
    font = font_file(SCREEN.read_text(encoding="ascii")) if SCREEN.is_file() else None
    if font is not None:
        subprocess.run(["setfont", "-C", str(CONSOLE), str(font)], check=True, timeout=20)


def _lock(console: int) -> None:
    fcntl.ioctl(console, _VT_ACTIVATE, 1)
    fcntl.ioctl(console, _VT_LOCKSWITCH)


def _unlock(console: int) -> None:
    fcntl.ioctl(console, _VT_UNLOCKSWITCH)


def _keyboard(console: int) -> None:
    fcntl.ioctl(console, _KDSKBMODE, _K_UNICODE)


DEEDS: Final[dict[str, Callable[[int], None]]] = {
    "dress": _dress,
    "lock": _lock,
    "unlock": _unlock,
    "keyboard": _keyboard,
}


def main(words: Sequence[str], path: Path = CONSOLE) -> int:
    """Do each deed in turn; one that fails is told on standard error and does not keep the till from starting.

    Returns 2 for an unknown word, 1 when the console cannot be opened.
    """
    unknown = [word for word in words if word not in DEEDS]
    if unknown or not words:
        sys.stderr.write(f"kiosk.install.console: one or more of {', '.join(DEEDS)}\n")
        return 2
    try:
        console = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        sys.stderr.write(f"kiosk.install.console: {path}: {error.strerror}\n")
        return 1
    try:
        for word in words:
            try:
                DEEDS[word](console)
            except (OSError, subprocess.SubprocessError) as error:
                sys.stderr.write(f"kiosk.install.console: {word}: {error}\n")
    finally:
        os.close(console)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
