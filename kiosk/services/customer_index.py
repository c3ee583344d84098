"""What customers are found under: kept with each save, so that no search reads the table (DESIGN.md 7).

``customer_key`` holds what belongs to one customer. What makes a word findable
by its middle or with a slip is kept once for all who bear it, and goes with
the last of them: nobody's name outlives him here (N11). docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations
from operator import itemgetter
from typing import Final

from kiosk import db
from kiosk.rules import near, words
from kiosk.services.customer_rows import Customer, marks, read

NAME: Final = "n"
"""Before a word of a name; and before ``@`` and the domain of an e-mail address."""
PAIR: Final = "p"
"""Before two words of one name, in either order."""
PHONE: Final = "t"
"""Before a phone number with its country's code, and before an end of what follows that code; digits only."""
MAIL: Final = "e"
"""Before an e-mail address, and before an end of what stands left of its ``@``."""
CARD: Final = "c"
"""Before a card's code, and before the last four of it."""

SHORTEST_PHONE: Final = 4
"""Digits of an end that a phone is found by."""
SHORTEST_MAIL: Final = 3
CARD_TAIL: Final = 4

_ONE_DIGIT: Final = frozenset("17")
_TWO_DIGITS: Final = frozenset(
    map(str, (20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67), 81, 82, 84, 86,
              *range(90, 96), 98))
)  # fmt: skip
"""Countries' codes by their length; all others have three digits (ITU E.164)."""
_PAIRED: Final = 5
"""So many words of a name are put in pairs."""
_AT_ONCE: Final = 500
_BORNE: Final = "SELECT 1 FROM customer_key WHERE key = ? LIMIT 1"
_WORDS: Final = "customer.words"
"""What is held while words come and go."""

_BY_KEY: Final = itemgetter(0)
"""Neighbours of the index one after the other, so that many rows touch few pages."""


def keys_of(customer: Customer) -> frozenset[str]:
    """Everything that one customer is found under."""
    form = customer.form
    fields = [words.words_to_find(text) for text in (form.name, form.nickname, form.company) if text]
    found = {NAME + word for field in fields for word in field}
    for field in fields:
        found.update(f"{PAIR}{one} {other}" for one, other in permutations(field[:_PAIRED], 2))
    if form.phone:
        found.update(_phone_keys(digits(form.phone)))
    if form.email:
        found.update(_mail_keys(words.fold(form.email)))
    for code in customer.cards:
        found.update((CARD + words.fold(code), CARD + words.fold(code[-CARD_TAIL:])))
    return frozenset(found)


def digits(text: str) -> str:
    """The digits of a text, as numbers are kept."""
    return "".join(letter for letter in text if letter in "0123456789")


def _phone_keys(number: str) -> Iterator[str]:
    yield PHONE + number
    code = 1 if number[:1] in _ONE_DIGIT else 2 if number[:2] in _TWO_DIGITS else 3
    yield from (PHONE + number[start:] for start in range(code, len(number) - SHORTEST_PHONE + 1))


def _mail_keys(address: str) -> Iterator[str]:
    yield MAIL + address
    local, _at, domain = address.rpartition("@")
    yield from (MAIL + local[start:] for start in range(len(local) - SHORTEST_MAIL + 1))
    yield f"{NAME}@{domain}"


def index_in(before: Customer | None, after: Customer | None) -> None:
    """Have a customer found as he is now, inside the transaction of the deed; None: not any more, or not yet."""
    index_many([(before, after)])


def index_many(changes: Iterable[tuple[Customer | None, Customer | None]]) -> None:
    """The same for many customers at once, such as those of an import: before and after of each."""
    come: list[tuple[str, int]] = []
    gone: list[tuple[str, int]] = []
    for before, after in changes:
        old = keys_of(before) if before else frozenset()
        new = keys_of(after) if after else frozenset()
        number = (after or before).number  # type: ignore[union-attr]
        come += [(key, number) for key in new - old]
        gone += [(key, number) for key in old - new]
    words_come, words_gone = _words_in(come), _words_in(gone)
    if words_come or words_gone:
        db.hold((_WORDS,))
    db.run_many("DELETE FROM customer_key WHERE key = ? AND customer = ?", sorted(gone, key=_BY_KEY))
    db.run_many(
        "INSERT INTO customer_key (key, customer) VALUES (?, ?) ON CONFLICT DO NOTHING", sorted(come, key=_BY_KEY)
    )
    _learn(words_come)
    _forget(words_gone)


def rebuild() -> int:
    """Make what customers are found under afresh from their own rows; how many there are."""
    with db.transaction():
        db.hold((_WORDS,))
        for table in ("customer_key", "name_word", "name_part", "name_slip"):
            db.run(f"DELETE FROM {table}")
        number, count = 0, 0
        while ids := [
            (str(id_), int(next_number))
            for id_, next_number in db.rows(
                "SELECT id, number FROM customer WHERE number > ? AND state IN ('active', 'merged') "
                "ORDER BY number LIMIT ?",
                (number, _AT_ONCE),
            )
        ]:
            index_many((None, customer) for customer in read([id_ for id_, _number in ids]).values())
            count += len(ids)
            number = ids[-1][1]
        return count


def _words_in(rows: Iterable[tuple[str, int]]) -> list[str]:
    return list(dict.fromkeys(key.removeprefix(NAME) for key, _number in rows if key.startswith(NAME)))


def _learn(found: Sequence[str]) -> None:
    """Keep the words that no customer had before, with their ends and slips."""
    new = set(found) - _known(found)
    db.run_many("INSERT INTO name_word (word) VALUES (?)", [(word,) for word in sorted(new)])
    db.run_many("INSERT INTO name_part (part, word) VALUES (?, ?)", sorted(_parts(new)))
    db.run_many("INSERT INTO name_slip (slip, word) VALUES (?, ?)", sorted(_slips(new)))


def _forget(gone: Sequence[str]) -> None:
    """Let go of the words that no customer has any more."""
    unused = {word for word in gone if db.row(_BORNE, (NAME + word,)) is None}
    db.run_many("DELETE FROM name_word WHERE word = ?", [(word,) for word in sorted(unused)])
    db.run_many("DELETE FROM name_part WHERE part = ? AND word = ?", sorted(_parts(unused)))
    db.run_many("DELETE FROM name_slip WHERE slip = ? AND word = ?", sorted(_slips(unused)))


def _known(found: Sequence[str]) -> set[str]:
    known: set[str] = set()
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        known.update(str(row[0]) for row in db.rows(f"SELECT word FROM name_word WHERE word IN ({marks(some)})", some))
    return known


def _parts(found: Iterable[str]) -> set[tuple[str, str]]:
    """Ends of a domain bear its ``@`` too, so that they are asked for apart."""
    return {
        ("@" + part if word.startswith("@") else part, word)
        for word in found
        for part in near.ends(word.removeprefix("@"))
    }


def _slips(found: Iterable[str]) -> set[tuple[str, str]]:
    return {(slip, word) for word in found if not word.startswith("@") for slip in near.kept_forms(word)}
