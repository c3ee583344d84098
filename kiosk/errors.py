"""What the shop refuses, as types with facts; the words are found in i18n."""

from __future__ import annotations

from typing import ClassVar, dataclass_transform


@dataclass_transform(eq_default=False)
class ShopError(Exception):
    """Something the shop refuses. Bears facts, never a sentence.

    A kind of refusal names its facts as a dataclass does. It is none, for
    sixty of them would be compiled at each start, a fortieth of it.
    """

    _facts: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        cls._facts = (*cls._facts, *cls.__annotations__)

    def __init__(self, *given: object, **named: object) -> None:
        facts = dict(zip(self._facts, given, strict=False)) | named
        missing = [name for name in self._facts if name not in facts and not hasattr(type(self), name)]
        if missing or len(given) > len(self._facts) or not facts.keys() <= set(self._facts):
            raise TypeError(f"{type(self).__name__} takes {', '.join(self._facts) or 'nothing'}")
        vars(self).update(facts)
        super().__init__(*self.facts().values())

    def facts(self) -> dict[str, object]:
        """What is known about the refusal, by name."""
        return {name: getattr(self, name) for name in self._facts}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.facts().items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ShopError) and type(other) is type(self) and other.facts() == self.facts()

    def __hash__(self) -> int:
        return hash((type(self), *map(str, self.facts().values())))


class NotANumber(ShopError):
    """A text that should have been an amount, a quantity or a percentage."""

    text: str


class NotFound(ShopError):
    """Nothing bears this code or number."""

    what: str
    code: str


class AlreadyTaken(ShopError):
    """A code or number that must be unique and is not."""

    what: str
    code: str


class Missing(ShopError):
    """A field that must be filled."""

    field: str


class Invalid(ShopError):
    """A field whose value can't be."""

    field: str
    value: str


class OutOfRange(ShopError):
    """A number below or above what is allowed; the bounds as they are written."""

    field: str
    value: str
    lowest: str | None = None
    highest: str | None = None


class NothingToUndo(ShopError):
    """There is no step to take back."""


class EmptySale(ShopError):
    """A sale without lines can't be paid."""


class NotEnough(ShopError):
    """Less is there than is wanted (minor units)."""

    wanted: int
    available: int


class NotPaid(ShopError):
    """The tenders don't cover the sale (minor units still due)."""

    due: int


class NoChangeFrom(ShopError):
    """A tender that gives no change was given for more than is due (minor units)."""

    tender: str
    due: int


class NotInSteps(ShopError):
    """An amount of cash that no coins make where cash is rounded (minor units)."""

    amount: int
    step: int


class AlreadyDone(ShopError):
    """A deed with this key was done before, with another content."""

    key: str


class AgeCheckNeeded(ShopError):
    """An article that needs a look at the customer's age first."""

    article: str
    age: int


class Denied(ShopError):
    """A person who may not do this."""

    action: str


class NeedsApproval(ShopError):
    """Something that another person's PIN must approve first."""

    action: str


class WrongPin(ShopError):
    """A PIN that does not fit; how long to wait before the next try, in seconds."""

    wait_seconds: int


class Locked(ShopError):
    """Too many wrong PINs; wait this many seconds, or for a manager (None)."""

    wait_seconds: int | None


class PendingPayment(ShopError):
    """A bank card payment whose outcome nobody has said yet."""

    tender: str
    amount: int


class ShiftIsOpen(ShopError):
    """A shift that is to be opened while one is open."""

    number: int


class NoShift(ShopError):
    """Something that belongs to a shift, while none is open."""


class ClockSuspect(ShopError):
    """The machine's clock can't be believed: somebody must say that it is right. The shop's wall clock, ISO 8601."""

    says: str


class CountNeeded(ShopError):
    """A shift that closes only with a count."""


class AlreadyReturned(ShopError):
    """More of a line is to come back than is left of it (thousandths)."""

    article: str
    left: int


class AlreadyVoided(ShopError):
    """A receipt that was voided, or of which something came back already."""

    number: int


class NotThisShift(ShopError):
    """A receipt of another shift or lane: it is returned, not voided."""

    number: int


class TooLate(ShopError):
    """A receipt that is older than the shop takes goods back."""

    number: int
    days: int


class OverLimit(ShopError):
    """More than the shop allows at once (minor units)."""

    what: str
    wanted: int
    limit: int


class RefundChanged(ShopError):
    """What can be given back is not what was shown: somebody was faster."""


class ChangedMeanwhile(ShopError):
    """Something that somebody else changed after it was read."""

    what: str


class Erased(ShopError):
    """A customer of whom nothing is known any more (N11)."""


class SealedElsewhere(ShopError):
    """Documents that can't be opened here: they were sealed under another key file, or the rows are damaged."""


class Banned(ShopError):
    """A customer whom the shop does not serve, and why."""

    reason: str


class MergedAlready(ShopError):
    """Two customers that are one already."""


class NotMerged(ShopError):
    """Two customers that are to be parted, and are two."""


class NoConsent(ShopError):
    """A customer who has not agreed to be written to by this channel (N20)."""

    channel: str


class NotEnoughPoints(ShopError):
    """More points are to go than are there."""

    wanted: int
    available: int


class PartlyPaid(ShopError):
    """A sale of which something is paid already: it is finished, not put aside (minor units)."""

    received: int


class ParkedLocked(ShopError):
    """A parked sale that is kept for the one who parked it."""

    by: str


class OtherVersion(ShopError):
    """Something that another version of the till kept and this one can't read; it stays as it is."""

    what: str
    code: str


class DiskFull(ShopError):
    """The disk has no room; nothing was written."""


class StorageFailed(ShopError):
    """The disk or database failed in a way that must stop the till (EIO, corruption)."""

    reason: str


class TillIsRunning(ShopError):
    """A command that must write alone, while the till runs."""


class TillIsNotRunning(ShopError):
    """A command that speaks to the running till, while none runs."""


class TillIsTraining(ShopError):
    """Something for the real books, while the till is in training (N22)."""


class SaleIsOpen(ShopError):
    """Something for which no sale may be open."""


class BadFile(ShopError):
    """A file that can't be read as what it should be."""

    path: str
    reason: str


class BadSetting(ShopError):
    """A line of the machine's configuration that can't be used."""

    name: str
    value: str


class Refused(ShopError):
    """The ledger's own checks refused an entry; this is a fault in the program."""

    reason: str
