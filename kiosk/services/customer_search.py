"""Customers found by any part of what they say: name, phone, e-mail, card, number (T-09).

Everything is a range of a B-tree (services/customer_index.py); nothing here
reads a whole table, and each step reads a bounded number of rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.i18n.clean import clean_text
from kiosk.rules import codes, near, words
from kiosk.rules.permissions import Action
from kiosk.services import staff
from kiosk.services.customer_index import CARD, MAIL, NAME, PAIR, PHONE, SHORTEST_PHONE, digits
from kiosk.services.customer_rows import Channel, CustomerForm, Kind, marks
from kiosk.services.shop import Shop

MOST_FOUND: Final = 100
PHONE_TAIL: Final = 4

_BEYOND: Final = "\U0010ffff"
"""Sorts behind everything that begins alike."""
_MOST_TERMS: Final = 6
_MOST_WORDS: Final = 60
"""So many words that one may mean are looked at."""
_MOST_NEAR: Final = 3000
_MOST_WALKED: Final = 4000
"""So many customers are gone through for one of several words."""
_FEW: Final = 5
"""Below so many, a slip of the fingers is thought of."""
_WHOLE_PHONE: Final = 8
"""Digits that name one customer when they are the end of his number."""
_LARGEST_NUMBER: Final = 2**63 - 1
_PHONE_LETTERS: Final = frozenset("0123456789 +-./()")

_EXACT: Final = "SELECT customer FROM customer_key WHERE key = ? ORDER BY customer LIMIT ?"
_RANGE: Final = "SELECT customer FROM customer_key WHERE key >= ? AND key < ? ORDER BY key, customer LIMIT ?"
_PARTS: Final = "SELECT word FROM name_part WHERE part >= ? AND part < ? ORDER BY part, word LIMIT ?"
_WORDS: Final = "SELECT word FROM name_word WHERE word >= ? AND word < ? ORDER BY word LIMIT ?"
_NEWEST: Final = "SELECT number FROM customer WHERE number > 0 AND state = 'active' ORDER BY number DESC LIMIT ?"
_COLUMNS: Final = "id, number, state, kind, name, nickname, company, city, type, banned, merged_into"
_READ: Final = f"SELECT {_COLUMNS} FROM customer WHERE {{}} IN ({{}})"


@dataclass(frozen=True, slots=True)
class Found:
    """A customer that a search found."""

    id: str
    number: int
    called: str
    kind: Kind
    phone_tail: str
    """The last digits of the phone, to tell two of one name apart; empty: no phone."""
    city: str
    type: str
    banned: bool


def search(shop: Shop, text: str, *, by: str, limit: int = 20, kind: Kind | None = None) -> tuple[Found, ...]:
    """Customers by any part of name, phone, e-mail or card, or by number; without a text the newest.

    All that is typed must fit, in any order. The best first: what is meant
    exactly, then what begins so, then what has it inside; one slip of the
    fingers is forgiven when little is found. Whoever was merged is found as the
    one he is now; erased and withdrawn ones never. Refuses: Denied. Source: T-09.
    """
    staff.require(shop, by, Action.SEE_CUSTOMERS)
    limit = max(1, min(limit, MOST_FOUND))
    hits = _Hits(limit, kind)
    for numbers in _ways(clean_text(text), hits):
        hits.add(numbers)
        if hits.enough:
            break
    return hits.given()


class _Hits:
    """What was found so far, each customer once, in the order of finding."""

    def __init__(self, limit: int, kind: Kind | None) -> None:
        self.limit = limit
        self.walked = limit * 3 if kind is None else limit * 20
        self._kind = kind
        self._seen: set[int] = set()
        self._rows: dict[str, tuple[Any, ...]] = {}

    @property
    def enough(self) -> bool:
        return len(self._rows) >= self.limit

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, numbers: Sequence[int]) -> None:
        """Read whom the numbers are, and whom they are one with."""
        new = [number for number in dict.fromkeys(numbers) if number not in self._seen]
        self._seen.update(new)
        for start in range(0, len(new), self.limit * 2):
            if self.enough:
                return
            some = new[start : start + self.limit * 2]
            rows = {row[1]: row for row in db.rows(_READ.format("number", marks(some)), some)}
            for number in some:
                if number in rows:
                    self._keep(rows[number])

    def _keep(self, row: tuple[Any, ...] | None) -> None:
        while row is not None and row[2] == "merged":
            row = db.row(_READ.format("id", "?"), (row[10],))
        if row is not None and row[2] == "active" and self._kind in (None, row[3]):
            self._rows.setdefault(row[0], row)

    def given(self) -> tuple[Found, ...]:
        rows = list(self._rows.values())[: self.limit]
        ids = [row[0] for row in rows]
        phones = dict(
            db.rows(
                f"SELECT customer, value FROM contact WHERE customer IN ({marks(ids)}) AND channel = ?",
                (*ids, Channel.PHONE.value),
            )
            if ids
            else ()
        )
        return tuple(_found(row, phones.get(row[0], "")) for row in rows)


def _found(row: tuple[Any, ...], phone: str) -> Found:
    id_, number, _state, kind, name, nickname, company, city, type_, banned, _into = row
    form = CustomerForm(kind=Kind(kind), name=name, nickname=nickname, company=company)
    called = form.called or f"#{number}"
    return Found(id_, number, called, form.kind, phone[-PHONE_TAIL:], city, type_, banned is not None)


def _ways(typed: str, hits: _Hits) -> Iterator[Sequence[int]]:
    """What may be meant, the surest first."""
    if not typed:
        yield [int(row[0]) for row in db.rows(_NEWEST, (hits.walked,))]
        return
    if typed.startswith("#"):
        yield _by_number(typed[1:])
        return
    code = codes.normalise(typed)
    if " " not in code:
        yield from _by_code(words.fold(code), hits)
    if hits.enough:
        return
    if _PHONE_LETTERS.issuperset(typed):
        yield from _by_phone(typed, hits)
    terms = _terms(typed)
    if len(terms) == 1:
        yield from _by_term(terms[0], hits)
    elif terms:
        yield from _by_terms(terms, hits)


def _by_number(text: str) -> list[int]:
    number = text.strip()
    return [int(number)] if number.isascii() and number.isdigit() and int(number[:20]) <= _LARGEST_NUMBER else []


def _by_code(code: str, hits: _Hits) -> Iterator[Sequence[int]]:
    """What names one alone: a whole card, a whole e-mail address, a whole phone, or his number."""
    wanted = [CARD + code, MAIL + code]
    national = _national(code)[0] if _PHONE_LETTERS.issuperset(code) else ""
    if len(national) >= _WHOLE_PHONE:
        wanted.append(PHONE + national)
    exact = db.rows(f"SELECT customer FROM customer_key WHERE key IN ({marks(wanted)}) LIMIT ?", (*wanted, hits.limit))
    yield [int(row[0]) for row in exact]
    yield _by_number(code)


def _by_phone(typed: str, hits: _Hits) -> Iterator[Sequence[int]]:
    """Any part of a number, with or without what stands before it at home or abroad; its last digits lead."""
    for number in _national(typed):
        if len(number) >= SHORTEST_PHONE:
            yield _exact(PHONE + number, hits.walked)
    for number in _national(typed):
        if number:
            yield _range(PHONE + number, hits.walked)
            yield _range(CARD + number, hits.walked)


def _national(typed: str) -> tuple[str, ...]:
    """The digits as they are kept, without a leading 0 or 00; and as they were typed."""
    all_of_them = digits(typed.replace("(0)", ""))
    return tuple(dict.fromkeys((all_of_them.lstrip("0") or all_of_them, all_of_them)))


def _terms(typed: str) -> list[str]:
    """What must fit, each once: words, digits that stand together, and what has an ``@``."""
    found: list[str] = []
    was_digits = False
    for chunk in typed.split(" "):
        is_digits = chunk != "" and _PHONE_LETTERS.issuperset(chunk) and bool(digits(chunk))
        if is_digits and was_digits:
            found[-1] += digits(chunk)
        elif is_digits:
            found.append(digits(chunk))
        elif "@" in chunk:
            found.append(words.fold(chunk))
        else:
            found += words.words(chunk)
        was_digits = is_digits
    return list(dict.fromkeys(found))[:_MOST_TERMS]


def _by_term(term: str, hits: _Hits) -> Iterator[Sequence[int]]:
    if "@" in term:
        yield from _by_mail(term, hits)
        return
    most = hits.walked
    yield _exact(NAME + term, most)
    yield _range(NAME + term, most)
    yield _range(CARD + term, most)
    yield _range(MAIL + term, most)
    yield _with_words(_inside(term), most)
    yield _with_words(_domains(term), most)
    if len(hits) < _FEW:
        yield _with_words(_near(term), most)


def _by_mail(term: str, hits: _Hits) -> Iterator[Sequence[int]]:
    yield _range(MAIL + term, hits.walked)
    yield _at(term, _MOST_WALKED)


def _at(term: str, most: int) -> list[int]:
    """By the end of what stands left of the ``@`` and the beginning of what stands right of it."""
    local, _at, domain = term.rpartition("@")
    those = _range(f"{NAME}@{domain}", most)
    if not local:
        return those
    theirs = set(those)
    return [number for number in _exact(MAIL + local, most) if number in theirs]


def _by_terms(terms: Sequence[str], hits: _Hits) -> Iterator[Sequence[int]]:
    """All must fit. Two words of a name are one range; the rest is compared customer by customer."""
    each = [frozenset(_fitting(term)) for term in terms]
    common = frozenset.intersection(*each)
    names = {number: place for place, number in enumerate(_pairs(terms, hits)) if number in common or len(terms) == 2}
    yield sorted(names, key=names.__getitem__)
    yield sorted(common)


def _pairs(terms: Sequence[str], hits: _Hits) -> list[int]:
    """Whose name has the first two words side by side, whichever comes first."""
    one, other = terms[0], terms[1]
    return [
        number
        for first, second in ((one, other), (other, one))
        for number in _range(f"{PAIR}{first} {second}", hits.walked)
    ]


def _fitting(term: str) -> list[int]:
    """Whom one of several words fits."""
    if "@" in term:
        return [*_range(MAIL + term, _MOST_WALKED), *_at(term, _MOST_WALKED)]
    found = [*_range(NAME + term, _MOST_WALKED), *_range(MAIL + term, _MOST_WALKED), *_range(CARD + term, _MOST_WALKED)]
    if term.isdigit():
        for number in _national(term):
            found += _range(PHONE + number, _MOST_WALKED)
    found += _with_words(_inside(term), _MOST_WALKED)
    return found or _with_words(_near(term), _MOST_WALKED)


def _exact(key: str, most: int) -> list[int]:
    return [int(row[0]) for row in db.rows(_EXACT, (key, most))]


def _range(start: str, most: int) -> list[int]:
    return [int(row[0]) for row in db.rows(_RANGE, (start, start + _BEYOND, most))]


def _with_words(found: Sequence[str], most: int) -> list[int]:
    """Who has one of these words, in the order of the words."""
    numbers: list[int] = []
    for word in found:
        if len(numbers) >= most:
            break
        numbers += _exact(NAME + word, most - len(numbers))
    return numbers


def _inside(term: str) -> list[str]:
    """The words that have this inside them."""
    if len(term) < near.SHORTEST_END:
        return []
    return [str(row[0]) for row in db.rows(_PARTS, (term, term + _BEYOND, _MOST_WORDS))]


def _domains(term: str) -> list[str]:
    return _inside("@" + term) if len(term) >= near.SHORTEST_END else []


def _near(term: str) -> list[str]:
    """The words that may be meant, when one slip is forgiven: whole ones first."""
    forms = sorted(near.asked_forms(term))
    if not forms:
        return []
    rows = db.rows(f"SELECT word FROM name_slip WHERE slip IN ({marks(forms)}) LIMIT ?", (*forms, _MOST_NEAR))
    found = {str(row[0]) for row in rows}
    meant = [word for word in found if near.is_near(term, word)]
    return sorted(meant, key=lambda word: (not near.is_one_slip(term, word), len(word), word))[:_MOST_WORDS]
