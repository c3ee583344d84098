"""The till's colours: sixteen for a console, the same hues in truecolor elsewhere (UX.md 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

_SLOTS: Final = {
    "ink": ("ansi_black", "#10141c"),
    "error-bar": ("ansi_red", "#b23c17"),
    "ok-bar": ("ansi_green", "#00795a"),
    "pay-bar": ("ansi_yellow", "#e69f00"),
    "bar": ("ansi_blue", "#1d3557"),
    "customer-bar": ("ansi_magenta", "#7b3f6b"),
    "choice": ("ansi_cyan", "#0b6e94"),
    "light": ("ansi_white", "#d3dae3"),
    "muted": ("ansi_bright_black", "#97a1ae"),
    "alarm": ("ansi_bright_red", "#ff8a5c"),
    "good": ("ansi_bright_green", "#56d9ae"),
    "key": ("ansi_bright_yellow", "#ffd166"),
    "customer": ("ansi_bright_magenta", "#f3aed6"),
    "heading": ("ansi_bright_cyan", "#86e0ff"),
    "strong": ("ansi_bright_white", "#ffffff"),
}
"""Name, console slot, hue. Backgrounds only from the first eight slots, text from the rest (UX.md 1)."""


def _theme(name: str, place: int, *, ansi: bool) -> Theme:
    colours = {slot: hues[place] for slot, hues in _SLOTS.items()}
    return Theme(
        name=name,
        primary=colours["bar"],
        foreground=colours["light"],
        background=colours["ink"],
        ansi=ansi,
        variables={
            "ansi-background": colours["ink"],
            "ansi-foreground": colours["light"],
            **{f"till-{slot}": hue for slot, hue in colours.items()},
        },
    )


KIOSK_16: Final = _theme("kiosk-16", 0, ansi=True)
KIOSK_DARK: Final = _theme("kiosk-dark", 1, ansi=False)
THEMES: Final = (KIOSK_16, KIOSK_DARK)


def choose(wanted: str, environ: Mapping[str, str]) -> Theme:
    """The theme that was asked for by name or, for ``auto``, the one that this terminal can show.

    Of 256 colours the nearest to the navy of the bars is a teal: without truecolor, sixteen look better.
    """
    for theme in THEMES:
        if theme.name == wanted:
            return theme
    all_hues = environ.get("COLORTERM") in {"truecolor", "24bit"} and environ.get("TERM") != "linux"
    return KIOSK_DARK if all_hues else KIOSK_16
