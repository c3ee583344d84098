"""What the shop refuses, as types with facts; the words are found in i18n."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(eq=False)
class ShopError(Exception):
    """Something the shop refuses. Bears facts, never a sentence."""

    def __post_init__(self) -> None:
        Exception.__init__(self, *self.facts().values())

    def facts(self) -> dict[str, object]:
        """What is known about the refusal, by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShopError) and type(other) is type(self) and other.facts() == self.facts()

    def __hash__(self) -> int:
        return hash((type(self), *map(str, self.facts().values())))


@dataclass(eq=False)
class NotANumber(ShopError):
    """A text that should have been an amount, a quantity or a percentage."""

    text: str


@dataclass(eq=False)
class NotFound(ShopError):
    """Nothing bears this code or number."""

    what: str
    code: str


@dataclass(eq=False)
class AlreadyTaken(ShopError):
    """A code or number that must be unique and is not."""

    what: str
    code: str


@dataclass(eq=False)
class Missing(ShopError):
    """A field that must be filled."""

    field: str


@dataclass(eq=False)
class Invalid(ShopError):
    """A field whose value can't be."""

    field: str
    value: str


@dataclass(eq=False)
class OutOfRange(ShopError):
    """A number below or above what is allowed; the bounds as they are written."""

    field: str
    value: str
    lowest: str | None = None
    highest: str | None = None


@dataclass(eq=False)
class NothingToUndo(ShopError):
    """There is no step to take back."""


@dataclass(eq=False)
class EmptySale(ShopError):
    """A sale without lines can't be paid."""


@dataclass(eq=False)
class NotEnough(ShopError):
    """Less is there than is wanted (minor units)."""

    wanted: int
    available: int


@dataclass(eq=False)
class NotPaid(ShopError):
    """The tenders don't cover the sale (minor units still due)."""

    due: int


@dataclass(eq=False)
class NoChangeFrom(ShopError):
    """A tender that gives no change was given for more than is due (minor units)."""

    tender: str
    due: int


@dataclass(eq=False)
class NotInSteps(ShopError):
    """An amount of cash that no coins make where cash is rounded (minor units)."""

    amount: int
    step: int


@dataclass(eq=False)
class AlreadyDone(ShopError):
    """A deed with this key was done before, with another content."""

    key: str


@dataclass(eq=False)
class AgeCheckNeeded(ShopError):
    """An article that needs a look at the customer's age first."""

    article: str
    age: int


@dataclass(eq=False)
class Denied(ShopError):
    """A person who may not do this."""

    action: str


@dataclass(eq=False)
class NeedsApproval(ShopError):
    """Something that another person's PIN must approve first."""

    action: str


@dataclass(eq=False)
class WrongPin(ShopError):
    """A PIN that does not fit; how long to wait before the next try, in seconds."""

    wait_seconds: int


@dataclass(eq=False)
class Locked(ShopError):
    """Too many wrong PINs; wait this many seconds, or for a manager (None)."""

    wait_seconds: int | None


@dataclass(eq=False)
class PendingPayment(ShopError):
    """A bank card payment whose outcome nobody has said yet."""

    tender: str
    amount: int


@dataclass(eq=False)
class ShiftIsOpen(ShopError):
    """A shift that is to be opened while one is open."""

    number: int


@dataclass(eq=False)
class NoShift(ShopError):
    """Something that belongs to a shift, while none is open."""


@dataclass(eq=False)
class ClockSuspect(ShopError):
    """The machine's clock can't be believed: somebody must say that it is right. The shop's wall clock, ISO 8601."""

    says: str


@dataclass(eq=False)
class CountNeeded(ShopError):
    """A shift that closes only with a count."""


@dataclass(eq=False)
class AlreadyReturned(ShopError):
    """More of a line is to come back than is left of it (thousandths)."""

    article: str
    left: int


@dataclass(eq=False)
class AlreadyVoided(ShopError):
    """A receipt that was voided, or of which something came back already."""

    number: int


@dataclass(eq=False)
class NotThisShift(ShopError):
    """A receipt of another shift or lane: it is returned, not voided."""

    number: int


@dataclass(eq=False)
class TooLate(ShopError):
    """A receipt that is older than the shop takes goods back."""

    number: int
    days: int


@dataclass(eq=False)
class OverLimit(ShopError):
    """More than the shop allows at once (minor units)."""

    what: str
    wanted: int
    limit: int


@dataclass(eq=False)
class RefundChanged(ShopError):
    """What can be given back is not what was shown: somebody was faster."""


@dataclass(eq=False)
class ChangedMeanwhile(ShopError):
    """Something that somebody else changed after it was read."""

    what: str


@dataclass(eq=False)
class Erased(ShopError):
    """A customer of whom nothing is known any more (N11)."""


@dataclass(eq=False)
class SealedElsewhere(ShopError):
    """Documents that can't be opened here: they were sealed under another key file, or the rows are damaged."""


@dataclass(eq=False)
class Banned(ShopError):
    """A customer whom the shop does not serve, and why."""

    reason: str


@dataclass(eq=False)
class MergedAlready(ShopError):
    """Two customers that are one already."""


@dataclass(eq=False)
class NotMerged(ShopError):
    """Two customers that are to be parted, and are two."""


@dataclass(eq=False)
class NoConsent(ShopError):
    """A customer who has not agreed to be written to by this channel (N20)."""

    channel: str


@dataclass(eq=False)
class NotEnoughPoints(ShopError):
    """More points are to go than are there."""

    wanted: int
    available: int


@dataclass(eq=False)
class PartlyPaid(ShopError):
    """A sale of which something is paid already: it is finished, not put aside (minor units)."""

    received: int


@dataclass(eq=False)
class ParkedLocked(ShopError):
    """A parked sale that is kept for the one who parked it."""

    by: str


@dataclass(eq=False)
class DiskFull(ShopError):
    """The disk has no room; nothing was written."""


@dataclass(eq=False)
class StorageFailed(ShopError):
    """The disk or database failed in a way that must stop the till (EIO, corruption)."""

    reason: str


@dataclass(eq=False)
class TillIsRunning(ShopError):
    """A command that must write alone, while the till runs."""


@dataclass(eq=False)
class TillIsNotRunning(ShopError):
    """A command that speaks to the running till, while none runs."""


@dataclass(eq=False)
class TillIsTraining(ShopError):
    """Something for the real books, while the till is in training (N22)."""


@dataclass(eq=False)
class SaleIsOpen(ShopError):
    """Something for which no sale may be open."""


@dataclass(eq=False)
class BadFile(ShopError):
    """A file that can't be read as what it should be."""

    path: str
    reason: str


@dataclass(eq=False)
class BadSetting(ShopError):
    """A line of the machine's configuration that can't be used."""

    name: str
    value: str


@dataclass(eq=False)
class Refused(ShopError):
    """The ledger's own checks refused an entry; this is a fault in the program."""

    reason: str
