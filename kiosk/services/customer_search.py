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
from kiosk.services.customer_index import CARD, MAIL, NAME, PAIR, PHONE, digits
from kiosk.services.customer_rows import Channel, Customer, CustomerForm, Kind, marks, read
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
_MOST_WALKED: Final = 2000
"""So many customers of one word are gone through."""
_MOST_READ: Final = 300
"""So many customers are read to see whether all words fit."""
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
    hits = _Hits(max(1, min(limit, MOST_FOUND)), kind)
    for numbers in _ways(clean_text(text), hits):
        hits.add(numbers)
        if hits.enough:
            break
    return hits.given()


class _Hits:
    """What was found so far, each customer once, in the order of finding."""

    def __init__(self, limit: int, kind: Kind | None) -> None:
        self.limit = limit
        self.most = _MOST_WALKED if kind else 2 * limit
        """So many that fit are looked at in one step: some may be of another kind, or one with others."""
        self._kind = kind
        self._seen: set[int] = set()
        self._rows: dict[str, tuple[Any, ...]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def enough(self) -> bool:
        """Whether no more is asked for."""
        return len(self) >= self.limit

    def add(self, numbers: Sequence[int]) -> None:
        """Read who the customers of these numbers are now."""
        new = [number for number in dict.fromkeys(numbers) if number not in self._seen]
        self._seen.update(new)
        for start in range(0, len(new), self.limit):
            if self.enough:
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
        ids = list(self._rows)[: self.limit]
        if not ids:
            return ()
        phones = dict(
            db.rows(
                f"SELECT customer, value FROM contact WHERE customer IN ({marks(ids)}) AND channel = ?",
                (*ids, Channel.PHONE.value),
            )
        )
        return tuple(_found(self._rows[id_], phones.get(id_, "")) for id_ in ids)


def _found(row: tuple[Any, ...], phone: str) -> Found:
    id_, number, _state, kind, name, nickname, company, city, type_, banned, _into = row
    form = CustomerForm(kind=Kind(kind), name=name, nickname=nickname, company=company)
    called = form.called or f"#{number}"
    return Found(id_, number, called, form.kind, phone[-PHONE_TAIL:], city, type_, banned is not None)


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
    """What is one customer's, or one household's: a phone number, an e-mail address, a card's code."""
    folded = words.fold(typed)
    wanted = [CARD + folded, MAIL + folded] if "@" in folded or not is_phone else [CARD + digits(typed), CARD + folded]
    if is_phone:
        wanted += [PHONE + number for number in _phone_numbers(typed) if len(number) >= _WHOLE_PHONE]
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
    there = _beginning(f"{NAME}@{domain}", _MOST_WALKED if local else most)
    if not local:
        return there
    known = set(there)
    return [number for number in _exact(MAIL + local, _MOST_WALKED) if number in known]


def _by_terms(terms: Sequence[str], hits: _Hits) -> Iterator[Sequence[int]]:
    """All must fit: two words of one name stand side by side in the index; the rarest of others leads."""
    one, other = sorted(terms, key=len, reverse=True)[:2]
    most = hits.most if len(terms) == 2 else _MOST_READ
    ways = [(one, other), (other, one), *((word, other) for word in (*_words_from(one), *_words_with(one)))]
    yield _fitting(_paired(ways, most), terms)
    if hits.enough:
        return
    listed = [_listed(term) for term in terms]
    yield _fitting(_common(listed), terms)
    if len(hits) >= _FEW:
        return
    for place, term in enumerate(terms):
        others = [*terms[:place], *terms[place + 1 :]]
        meant = _words_near(term)
        yield _fitting(_paired([(word, others[0]) for word in meant], most), others)
        bearers = _bearers(meant, _MOST_WALKED)
        yield _fitting(_common([(bearers, True), *listed[:place], *listed[place + 1 :]]), others)


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
    starts = [MAIL + term] if "@" in term else [NAME + term, MAIL + term, CARD + term]
    if term.isdigit():
        starts += [PHONE + number for number in _phone_numbers(term)]
    lists = [_beginning(start, _MOST_WALKED) for start in starts]
    if "@" in term:
        lists.append(_around_at(term, _MOST_WALKED))
    inside = [*_words_with(term), *_words_with("@" + term)]
    lists.append(_bearers(inside, _MOST_WALKED))
    all_of_them = len(inside) < _MOST_WORDS and all(len(one) < _MOST_WALKED for one in lists)
    return list(dict.fromkeys(number for one in lists for number in one)), all_of_them


def _common(listed: Sequence[tuple[list[int], bool]]) -> list[int]:
    """Who may be in all lists; those that are cut short say nothing about whom they don't have, unless all are."""
    whole = [numbers for numbers, all_of_them in listed if all_of_them] or [numbers for numbers, _all in listed]
    whole.sort(key=len)
    others = [set(numbers) for numbers in whole[1:]]
    return [number for number in whole[0] if all(number in other for other in others)]


def _fitting(numbers: Sequence[int], terms: Sequence[str]) -> list[int]:
    """Those whom all terms fit."""
    some = list(dict.fromkeys(numbers))[:_MOST_READ]
    if not some:
        return []
    ids = [str(id_) for (id_,) in db.rows(f"SELECT id FROM customer WHERE number IN ({marks(some)})", some)]
    fit = {one.number for one in read(ids).values() if _fits(one, terms)}
    return [number for number in some if number in fit]


def _fits(customer: Customer, terms: Sequence[str]) -> bool:
    form = customer.form
    names = words.words_to_find(f"{form.name} {form.nickname} {form.company}")
    text = " ".join((*names, words.fold(form.email), *map(words.fold, customer.cards)))
    phone = digits(form.phone)
    return all(
        term in text or (term.isdigit() and any(number in phone for number in _phone_numbers(term))) for term in terms
    )


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
