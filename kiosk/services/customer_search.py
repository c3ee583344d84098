"""Customers found by any part of what they say: name, phone, e-mail, card, number (T-09).

Everything is a range of a B-tree (services/customer_index.py): nothing here
reads a whole table, and no step goes through more than so many rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kiosk import db
from kiosk.i18n.clean import clean_text
from kiosk.rules import near, words
from kiosk.rules.permissions import Action
from kiosk.services import staff
from kiosk.services.customer_index import CARD, CARD_TAIL, MAIL, NAME, PAIR, PHONE, SHORTEST_MAIL, digits
from kiosk.services.customer_rows import CustomerForm, Kind, marks
from kiosk.services.shop import Shop

MOST_FOUND: Final = 100
PHONE_TAIL: Final = 4

_BEYOND: Final = "\U0010ffff"
"""Sorts behind everything that begins alike."""
_MOST_TERMS: Final = 6
_MOST_WORDS: Final = 60
"""So many words that one may mean are looked at."""
_MOST_NEAR: Final = 3000
"""So many words are compared letter by letter."""
_MOST_WALKED: Final = 3000
"""So many customers of one word are gone through in the index."""
_MOST_READ: Final = 700
"""So many customers are read: as many as have any four digits in their phone, of a million."""
_FEW: Final = 5
"""Below so many, a slip of the fingers is thought of."""
_WHOLE_PHONE: Final = 8
"""Digits that name one customer when they are the end of his number."""
_LONGEST_NUMBER: Final = 18
_PHONE_LETTERS: Final = frozenset("0123456789 +-./()")

_EXACT: Final = "SELECT customer FROM customer_key WHERE key = ? ORDER BY customer LIMIT ?"
_RANGE: Final = "SELECT customer FROM customer_key WHERE key >= ? AND key < ? ORDER BY key, customer LIMIT ?"
_WORDS: Final = "SELECT word FROM name_word WHERE word >= ? AND word < ? ORDER BY word LIMIT ?"
_PARTS: Final = "SELECT word FROM name_part WHERE part >= ? AND part < ? ORDER BY part, word LIMIT ?"
_NEWEST: Final = "SELECT number FROM customer WHERE number > 0 AND state = 'active' ORDER BY number DESC LIMIT ?"
_READ: Final = (
    "SELECT id, number, state, kind, name, nickname, company, city, type, banned, merged_into, "
    "(SELECT value FROM contact WHERE contact.customer = customer.id AND channel = 'phone') "
    "FROM customer WHERE {} IN ({})"
)
_NAMES: Final = "SELECT number, id, name, nickname, company FROM customer WHERE number IN ({})"
_REST: Final = (
    "SELECT customer, value FROM contact WHERE customer IN ({}) "
    "UNION ALL SELECT customer, code FROM card WHERE customer IN ({}) AND state <> 'closed' AND code IS NOT NULL"
)


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
    hits = _Hits(max(1, min(limit, MOST_FOUND)), kind)
    for numbers in _ways(clean_text(text), hits):
        hits.add(numbers)
        if hits.enough():
            break
    return hits.given()


class _Hits:
    """What was found so far, each customer once, in the order of finding."""

    def __init__(self, limit: int, kind: Kind | None) -> None:
        self.limit = limit
        self.most = _MOST_READ if kind else 2 * limit
        """So many that fit are looked at in one step: some may be of another kind, or one with others."""
        self._kind = kind
        self._seen: set[int] = set()
        self._rows: dict[str, tuple[Any, ...]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def enough(self) -> bool:
        """Whether no more is asked for."""
        return len(self) >= self.limit

    def add(self, numbers: Sequence[int]) -> None:
        """Read who the customers of these numbers are now."""
        new = [number for number in dict.fromkeys(numbers) if number not in self._seen]
        self._seen.update(new)
        for start in range(0, len(new), self.limit):
            if self.enough():
                return
            some = new[start : start + self.limit]
            rows = {row[1]: row for row in db.rows(_READ.format("number", marks(some)), some)}
            for number in some:
                self._keep(rows.get(number))

    def _keep(self, row: tuple[Any, ...] | None) -> None:
        while row is not None and row[2] == "merged":
            row = db.row(_READ.format("id", "?"), (row[10],))
        if row is not None and row[2] == "active" and self._kind in (None, row[3]):
            self._rows.setdefault(row[0], row)

    def given(self) -> tuple[Found, ...]:
        """As they are shown."""
        return tuple(_found(row) for row in list(self._rows.values())[: self.limit])


def _found(row: tuple[Any, ...]) -> Found:
    id_, number, _state, kind, name, nickname, company, city, type_, banned, _into, phone = row
    called = CustomerForm(kind=Kind(kind), name=name, nickname=nickname, company=company).called or f"#{number}"
    return Found(id_, number, called, Kind(kind), (phone or "")[-PHONE_TAIL:], city, type_, banned is not None)


def _ways(typed: str, hits: _Hits) -> Iterator[Sequence[int]]:
    """What may be meant, the surest first, until enough is found."""
    if not typed:
        yield _numbers(_NEWEST, (hits.most,))
        return
    if typed.startswith("#"):
        yield _by_number(typed.removeprefix("#").strip())
        return
    is_phone = _PHONE_LETTERS.issuperset(typed) and digits(typed) != ""
    yield _by_whole(typed, is_phone, hits)
    if len(hits):
        return
    if is_phone:
        yield _by_number(typed)
        yield from _by_digits(typed, hits)
    terms = _terms(typed)
    if len(terms) == 1:
        yield from _by_term(terms[0], hits)
    elif terms:
        if " " not in typed:
            yield from _by_address(words.fold(typed), hits)
        yield from _by_terms(terms, hits)


def _by_whole(typed: str, is_phone: bool, hits: _Hits) -> list[int]:
    """What is one customer's, or one household's: an e-mail address, a phone number, a card's code."""
    folded = words.fold(typed)
    if "@" in folded:
        wanted = [MAIL + folded]
    else:
        codes = (digits(typed), folded) if is_phone else (folded,)
        wanted = [CARD + code for code in dict.fromkeys(codes) if len(code) > CARD_TAIL]
    if is_phone:
        wanted += [PHONE + number for number in _phone_numbers(typed) if len(number) >= _WHOLE_PHONE]
    if not wanted:
        return []
    return _numbers(f"SELECT customer FROM customer_key WHERE key IN ({marks(wanted)}) LIMIT ?", (*wanted, hits.most))


def _by_number(typed: str) -> list[int]:
    return [int(typed)] if typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_NUMBER else []


def _by_digits(typed: str, hits: _Hits) -> Iterator[Sequence[int]]:
    """Any part of a phone number or the beginning or end of a card's; those that end so lead."""
    numbers = _phone_numbers(typed)
    for number in numbers:
        yield _exact(PHONE + number, hits.most)
    for number in numbers:
        yield _beginning(PHONE + number, hits.most)
    yield _beginning(CARD + digits(typed), hits.most)


def _phone_numbers(typed: str) -> tuple[str, ...]:
    """The digits as they are kept, without what stands before a number at home or abroad; and as they were typed."""
    as_typed = digits(typed.replace("(0)", ""))
    return tuple(dict.fromkeys((as_typed.lstrip("0") or as_typed, as_typed)))


def _terms(typed: str) -> list[str]:
    """What must fit, each once: words, addresses, and digits however they are grouped."""
    found: list[str] = []
    in_number = False
    for chunk in typed.split():
        number = digits(chunk) if _PHONE_LETTERS.issuperset(chunk) else ""
        if number and in_number:
            found[-1] += number
        elif number:
            found.append(number)
        else:
            found += [words.fold(chunk)] if "@" in chunk else words.words(chunk)
        in_number = bool(number)
    return list(dict.fromkeys(found))[:_MOST_TERMS]


def _by_term(term: str, hits: _Hits) -> Iterator[Sequence[int]]:
    if "@" in term:
        yield from _by_address(term, hits)
        return
    yield _exact(NAME + term, hits.most)
    yield _beginning(NAME + term, hits.most)
    yield from _by_address(term, hits)
    yield _bearers(_words_with(term), hits.most)
    if len(hits) < _FEW:
        yield _bearers(_words_near(term), hits.most)


def _by_address(text: str, hits: _Hits) -> Iterator[Sequence[int]]:
    """Any part of an e-mail address, or the beginning of a card's code."""
    yield _beginning(MAIL + text, hits.most)
    yield _beginning(CARD + text, hits.most)
    if "@" in text:
        yield _around_at(text, hits.most)
    else:
        yield _bearers(_words_with("@" + text), hits.most)


def _around_at(text: str, most: int) -> list[int]:
    """The end of what stands left of the ``@``, with the beginning of what stands right of it."""
    local, _at, domain = text.rpartition("@")
    if 0 < len(local) < SHORTEST_MAIL:
        return _fitting(_beginning(f"{NAME}@{domain}", _MOST_WALKED), [text])
    there = _beginning(f"{NAME}@{domain}", _MOST_WALKED if local else most)
    if not local:
        return there
    known = set(there)
    those = _exact(MAIL + local, _MOST_WALKED)
    return those if len(there) == _MOST_WALKED else [number for number in those if number in known]


def _by_terms(terms: Sequence[str], hits: _Hits) -> Iterator[Sequence[int]]:
    """All must fit: two words of one name stand side by side in the index; the rarest of others leads."""
    one, other = sorted(terms, key=len, reverse=True)[:2]
    rest = [term for term in terms if term not in (one, other)]
    most = _MOST_READ if rest else hits.most
    yield _fitting(_paired([(one, other), (other, one)], most), rest)
    if hits.enough():
        return
    yield _fitting(_paired([(word, other) for word in (*_words_from(one), *_words_with(one))], most), rest)
    if hits.enough():
        return
    for term in terms:
        if term.isdigit():
            those = [other for other in terms if other != term]
            for number in _phone_numbers(term):
                yield _fitting(_exact(PHONE + number, _MOST_WALKED), those)
    listed = [_listed(term) for term in terms]
    yield _together(terms, listed)
    for place, term in enumerate(terms):
        if len(hits) >= _FEW:
            return
        if not term.isdigit():
            yield from _with_slip(term, [*terms[:place], *terms[place + 1 :]], [*listed[:place], *listed[place + 1 :]])


def _with_slip(term: str, others: Sequence[str], listed: Sequence[tuple[list[int], bool]]) -> Iterator[Sequence[int]]:
    """Whom the others fit, and a word that may be meant by this one."""
    meant = _words_near(term)
    if not meant:
        return
    beside = next((other for other in others if not other.isdigit()), "")
    if beside:
        rest = [other for other in others if other != beside]
        yield _fitting(_paired([(word, beside) for word in meant], _MOST_READ), rest)
    bearers = _bearers(meant, _MOST_WALKED)
    if len(bearers) < _MOST_WALKED:
        yield _together([term, *others], [(bearers, True), *listed])
    else:
        yield _bearing(_together(others, listed), frozenset(meant))


def _paired(pairs: Sequence[tuple[str, str]], most: int) -> list[int]:
    """Who has in one name the first word of a pair, and one that begins with the second."""
    found: list[int] = []
    for first, second in dict.fromkeys(pairs):
        if len(found) >= most:
            break
        found += _beginning(f"{PAIR}{first} {second}", most - len(found))
    return found


def _listed(term: str) -> tuple[list[int], bool]:
    """Whom one of several terms fits, and whether these are all."""
    found: dict[int, None] = {}
    for numbers in _sources(term):
        found.update(dict.fromkeys(numbers))
        if len(numbers) >= _MOST_WALKED or len(found) >= _MOST_WALKED:
            return list(found), False
    return list(found), True


def _sources(term: str) -> Iterator[list[int]]:
    starts = [MAIL + term] if "@" in term else [NAME + term, MAIL + term, CARD + term]
    if term.isdigit():
        starts += [PHONE + number for number in _phone_numbers(term)]
    for start in starts:
        yield _beginning(start, _MOST_WALKED)
    if "@" in term:
        yield _around_at(term, _MOST_WALKED)
        return
    for inside in (term, "@" + term):
        found = _words_with(inside)
        yield _bearers(found, _MOST_WALKED)
        if len(found) == _MOST_WORDS:
            yield [0] * _MOST_WALKED


def _together(terms: Sequence[str], listed: Sequence[tuple[list[int], bool]]) -> list[int]:
    """Whom all terms fit. A list that was cut short says nothing about whom it does not have: those are read."""
    whole = sorted((numbers for numbers, all_of_them in listed if all_of_them), key=len)
    common = whole[0] if whole else min((numbers for numbers, _all_of_them in listed), key=len)
    for numbers in map(frozenset, whole[1:]):
        common = [number for number in common if number in numbers]
    return _fitting(common, [term for term, (_n, all_of_them) in zip(terms, listed, strict=True) if not all_of_them])


def _fitting(numbers: Sequence[int], terms: Sequence[str]) -> list[int]:
    """Those whom all terms fit; names are read first, and the rest of those only whom a name does not settle."""
    if not terms:
        return list(numbers)
    some = list(dict.fromkeys(numbers))[:_MOST_READ]
    if not some:
        return []
    wanted = [(term, *_phone_numbers(term)) if term.isdigit() else (term,) for term in terms]
    texts: dict[int, str] = {}
    open_: dict[str, int] = {}
    for number, id_, *names in db.rows(_NAMES.format(marks(some)), some):
        texts[number] = _folded(" ".join(names))
        if not _fits(texts[number], wanted):
            open_[id_] = number
    if open_:
        ids = list(open_)
        for id_, value in db.rows(_REST.format(marks(ids), marks(ids)), (*ids, *ids)):
            texts[open_[id_]] += " " + words.fold(value)
    return [number for number in some if _fits(texts.get(number, ""), wanted)]


def _bearing(numbers: Sequence[int], meant: frozenset[str]) -> list[int]:
    """Those who have one of these words in a name."""
    some = list(numbers)[:_MOST_READ]
    if not some:
        return []
    rows = db.rows(_NAMES.format(marks(some)), some)
    fit = {number for number, _id, *names in rows if not meant.isdisjoint(words.words_to_find(" ".join(names)))}
    return [number for number in some if number in fit]


def _folded(names: str) -> str:
    return names.lower() if names.isascii() else " ".join(words.words_to_find(names))


def _fits(text: str, wanted: Sequence[tuple[str, ...]]) -> bool:
    """Whether it has one form of each word."""
    return all(any(form in text for form in forms) for forms in wanted)


def _numbers(query: str, params: Sequence[object]) -> list[int]:
    return [int(row[0]) for row in db.rows(query, params)]


def _exact(key: str, most: int) -> list[int]:
    return _numbers(_EXACT, (key, most))


def _beginning(key: str, most: int) -> list[int]:
    return _numbers(_RANGE, (key, key + _BEYOND, most))


def _bearers(found: Sequence[str], most: int) -> list[int]:
    """Who has one of these words, in the order of the words."""
    numbers: list[int] = []
    for word in found:
        if len(numbers) >= most:
            break
        numbers += _exact(NAME + word, most - len(numbers))
    return numbers


def _words_from(term: str) -> list[str]:
    """The words that begin so."""
    return [str(row[0]) for row in db.rows(_WORDS, (term, term + _BEYOND, _MOST_WORDS))]


def _words_with(term: str) -> list[str]:
    """The words, or after an ``@`` the domains, that have this inside them."""
    if len(term.removeprefix("@")) < near.SHORTEST_END:
        return []
    return [str(row[0]) for row in db.rows(_PARTS, (term, term + _BEYOND, _MOST_WORDS))]


def _words_near(term: str) -> list[str]:
    """The words that may be meant when one slip is forgiven: whole ones first."""
    forms = sorted(near.asked_forms(term))
    if not forms:
        return []
    rows = db.rows(f"SELECT word FROM name_slip WHERE slip IN ({marks(forms)}) LIMIT ?", (*forms, _MOST_NEAR))
    meant = [word for word in {str(row[0]) for row in rows} if near.is_near(term, word)]
    return sorted(meant, key=lambda word: (not near.is_one_slip(term, word), len(word), word))[:_MOST_WORDS]
