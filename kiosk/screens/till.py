"""What every screen is given: the shop, its desk, who is at the till, and the lamps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec, TypeVar

from kiosk.errors import DiskFull, TillIsTraining
from kiosk.i18n import later

if TYPE_CHECKING:
    from kiosk.desk import Desk
    from kiosk.screens.counting import Counting
    from kiosk.services.shop import Shop
    from kiosk.services.staff import Person

HINT_DELAY: Final = 0.15

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lamp:
    """How one device is, in a word; both texts are English, and translated where they are shown."""

    name: str
    text: str
    fine: bool = True


def _nothing() -> None:
    return None


def _nobody(_before: Shop) -> None:
    return None


@dataclass
class Till:
    """The till as its screens know it; one per process, handed to each screen's constructor."""

    shop: Shop
    desk: Desk
    person: Person | None = None
    """Who is signed in."""
    lamps: dict[str, Lamp] = field(
        default_factory=lambda: {
            "scan": Lamp(later("Scan"), later("keys")),
            "print": Lamp(later("Print"), later("off")),
        }
    )
    paper_queued: Callable[[], None] = _nothing
    """Called when something was queued for the printer."""
    columns: int = 42
    """How wide this till's paper is."""
    exports: Path | None = None
    """Where files for people to take away are put."""
    hint_delay: float = 0.0
    """Seconds until the hints follow what is typed, so that a scan that types does not make them flicker."""
    make_room: Callable[[], object] = _nothing
    """Called when the disk is full."""
    shop_changed: Callable[[Shop], None] = _nobody
    """Called with the shop as it was, when it has other settings."""
    counting: Counting | None = None
    """A count of the drawer that is not booked yet: it outlives its screen."""

    @property
    def by(self) -> str:
        """The id of who is signed in. Nobody else may reach a screen that asks."""
        if self.person is None:
            raise RuntimeError("nobody is signed in")
        return self.person.id

    def take_up(self, shop: Shop) -> None:
        """Go on with the shop as it is now: every screen shows it, and the open sale stays."""
        before, self.shop = self.shop, shop
        if shop.settings_version != before.settings_version:
            self.shop_changed(before)

    async def catch_up(self) -> None:
        """Take up what another till, or a command, has changed (D8-07)."""
        from kiosk.services.shop import current

        asked = self.shop
        found = await self.ask(current)
        if self.shop is asked:
            self.take_up(found)

    async def ask(self, verb: Callable[Concatenate[Shop, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have the desk do a verb of a service, and await its answer; raises its refusals.

        A full disk is said, and what was kept free for it is freed: the next try has room (PLATFORM.md 9).
        What was asked for in training is not done in the real books, nor the other way round (N22).
        """
        shop = self.shop

        def in_its_books() -> T:
            if shop.training is not self.shop.training:
                raise TillIsTraining
            return verb(shop, *args, **kwargs)

        try:
            return await self.desk.ask(in_its_books)
        except DiskFull:
            await self.desk.ask(self.make_room)
            raise
