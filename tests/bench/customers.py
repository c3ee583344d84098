"""A million customers to be found: who they are, and what finding one of them costs (DESIGN.md 7)."""

from __future__ import annotations

import gc
import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CUSTOMERS: Final = 1_000_000
WITH_MAIL: Final = 0.6

_FIRST_NAMES: Final = """
Marie Jean Camille Léa Hugo Chloé Lucas Manon Théo Élodie Nicolas Amélie François Céline Jérôme Hélène Gaël
Noémie Rémi Inès Anna Lukas Hannah Jürgen Günther Käthe Björn Sabine Uwe Heike Matthias Ursula Jörg Petra
Stefan Birgit Wolfgang Renate Holger Elke James Emily Oliver Sophie William Charlotte Harry Grace Thomas Alice
George Lucy Edward Hazel Arthur Ruby Peter Daisy Simon Ivy Sanne Daan Femke Bram Lotte Sem Fleur Thijs Anouk
Jeroen Maaike Sander Marloes Wouter Ilse Joost Esmée Ruben Saskia Niels Giulia Lorenzo Sofia Matteo Chiara
Alessandro Francesca Davide Martina Riccardo Elisa Gabriele Ilaria Federico Paola Niccolò Bianca Tommaso
Serena Enzo
"""
_STEMS: Final = """
Al Am An Ar Bal Ban Bar Bas Ber Bel Ben Bin Bon Bor Bos Bou Bra Bri Bro Brun Bur Cal Can Car Cas Cha Che Cla
Col Con Cor Cos Cra Dal Dam Dan Dar Del Den Der Di Dom Don Dor Dra Du Dun Dur Eck Eich El En Er Fal Fan Far
Fer Fil Fin Flo Fol Fon For Fra Fre Fri Fro Gal Gan Gar Gau Ger Gil Gim Gir Glo Gol Gor Gra Gre Gri Gro Gui
Gun Hal Ham Han Har Has Hau Hei Hel Hen Her Hil Hin Hof Hol Hor Hu Ja Jan Jo Jul Kal Kan Kar Kas Kel Ken Ker
Kir Kla Klei Kno Kol Kor Kra Kre Krü Kuh La Lam Lan Lau Le Lem Len Lin Lo Lom Lor Lu Lun Mal Man Mar Mas Mau
Mei Mel Men Mer Mi Mon Mor Mou Mü Mun Mur Na Nau Nel Neu Ni Nor Ol Or Ot Pal Pan Par Pas Pel Per Pet Pi Pla
Pol Por Pou Pra Pre Pri Qua Ra Rai Ram Ras Rau Rei Rem Ren Ri Ro Rol Rom Ros Rou Ru Sal San Sar Sau Scha Schi
Schmi Schu Sei Sel Sen Ser Si Sim Sol Som Spi Sta Stei Sto Stra Stu Tal Tan Tar Ter Thi Tho Ti Tol Tom Tor Tou
Tra Tri Tur Ul Ur Va Val Van Var Ver Vi Vil Vin Vol Vor Wa Wal Wei Wel Wen Wer Wes Wil Win Wol Za Zan Zim Zo
"""
_MIDDLES: Final = "a e i o ar el en er il in on or al an et ing es und ber den ger man ten vel chet qui"
_ENDS: Final = """
ard eau el ert et eux ier in oche on ont ot oux ac hauer bach baum berg dorf er feld haus hof mann meier ner
rich stein wald by cott den field ford ham ington land ley man more ner son ton ward well wood worth burg dam
dijk donk huis kamp laar mans meer stra veen velde wijk zoon anti ari elli ese etti iani ieri ini oli one oni
otti ucci uzzi
"""
_LAST_NAMES: Final = 60_000
_DOMAINS: Final = ("gmail.com", "orange.example", "web.example", "outlook.com", "libero.example", "ziggo.example")
_OWN_DOMAINS: Final = 20_000
_PREFIXES: Final = ("+336", "+4917", "+447", "+316", "+393")


class Crowd:
    """Who they are: the same ones each time; some names are borne by thousands, most by a few."""

    def __init__(self, count: int) -> None:
        self._random = random.Random(4)
        made = ["".join(parts) for parts in itertools.product(_STEMS.split(), _MIDDLES.split(), _ENDS.split())]
        self.first_names = _FIRST_NAMES.split()
        self.last_names = self._random.sample(made, _LAST_NAMES)
        self._count = count

    def people(self) -> Iterator[tuple[str, str, str]]:
        """Name, phone and e-mail of each."""
        chosen, count = self._random, self._count
        first = chosen.choices(self.first_names, [1 / (rank + 10) for rank in range(len(self.first_names))], k=count)
        last = chosen.choices(self.last_names, [1 / (rank + 20) for rank in range(_LAST_NAMES)], k=count)
        domains = [*_DOMAINS, *(f"{name.lower()}.example" for name in self.last_names[:_OWN_DOMAINS])]
        domain = chosen.choices(domains, [1 / (rank + 1) for rank in range(len(domains))], k=count)
        for place in range(count):
            name = f"{first[place]} {last[place]}"
            phone = _PREFIXES[place % len(_PREFIXES)] + str(chosen.randrange(10**8))
            mailed = chosen.random() < WITH_MAIL
            yield name, phone, f"{first[place]}.{last[place]}{place % 1000}@{domain[place]}" if mailed else ""


def make(folder: Path, count: int = CUSTOMERS) -> None:
    """A shop with so many customers and one person, in a new folder; nothing of it has to survive a power cut."""
    from kiosk import db
    from kiosk.rules.permissions import Role
    from kiosk.services import customer_index, staff
    from kiosk.services.customer_rows import Customer, CustomerForm
    from kiosk.services.keys import Keys
    from kiosk.services.shop import load_shop

    folder.mkdir(parents=True)
    db.connect(str(folder / "kiosk.db"), synchronous="OFF")
    db.migrate()
    staff.create(
        load_shop("R1", 1, Keys.load_or_make(folder / "kiosk.key")),
        staff.PersonForm(name="Ann", role=Role.CASHIER),
        by=staff.ROOT,
    )
    db.rows("PRAGMA journal_mode = OFF")
    db.rows("PRAGMA cache_size = -200000")
    gc.disable()
    people = [(f"c{number:031}", number, *one) for number, one in enumerate(Crowd(count).people(), 1)]
    with db.transaction():
        db.run_many(
            "INSERT INTO customer (id, number, name, created_at, created_by, changed_at) VALUES (?, ?, ?, 0, '', 0)",
            [(id_, number, name) for id_, number, name, _phone, _email in people],
        )
        db.run_many(
            "INSERT INTO contact (customer, channel, value) VALUES (?, ?, ?)",
            [
                (id_, channel, value)
                for id_, _number, _name, phone, email in people
                for channel, value in (("email", email.lower()), ("phone", phone))
                if value
            ],
        )
        customer_index.index_many(
            (None, Customer(id_, number, CustomerForm(name=name, phone=phone, email=email), "active", None, None, 0))
            for id_, number, name, phone, email in people
        )
    gc.enable()
    db.disconnect()


@dataclass(frozen=True, slots=True)
class Measured:
    """What finding and creating cost."""

    searches: dict[str, float]
    """By what was typed: CPU seconds that 99 of 100 searches don't exceed."""
    scans: int
    """Steps that read a whole table or index, in the plans of all statements that these searches ran."""
    creation_seconds: float
    """On the clock, the commit on this disk included; 99 of 100 don't exceed it."""
    creation_cpu_seconds: float


def measure(folder: Path, asked: int = 300) -> Measured:
    """Search in a shop that ``make`` made, so often in each way, and create as many more customers."""
    from kiosk import db
    from kiosk.services import customer_search, customers
    from kiosk.services.customer_rows import CustomerForm
    from kiosk.services.keys import Keys
    from kiosk.services.shop import load_shop

    db.connect(str(folder / "kiosk.db"))
    shop = load_shop("R1", 1, Keys.in_memory())
    ((ann,),) = db.rows("SELECT id FROM staff")
    seconds: dict[str, float] = {}
    statements: dict[str, Sequence[object]] = {}
    execute = db._execute

    def noted(sql: str, params: Sequence[object]) -> object:
        statements.setdefault(sql, params)
        return execute(sql, params)

    def search(text: str) -> object:
        return customer_search.search(shop, text, by=ann)

    typed = _typed(asked)
    db._execute = noted
    for text in (text for texts in typed.values() for text in texts[:50]):
        search(text)
    db._execute = execute
    for way, texts in typed.items():
        seconds[way] = _percentile([_cpu(search, text) for text in texts])
    plans = [db.rows(f"EXPLAIN QUERY PLAN {sql}", params) for sql, params in statements.items()]
    scans = sum(str(step[-1]).startswith("SCAN") for plan in plans for step in plan)
    new = [
        CustomerForm(name=f"{one} {other}", phone=f"+33 6 99 {place:06}", email=f"{one}.{place}@new.example.org")
        for place, (one, other) in enumerate(_names(asked))
    ]
    customers.save(shop, CustomerForm(name="First", phone="+33612345678", email="first@example.org"), by=ann)
    created: list[float] = []
    created_cpu: list[float] = []
    for form in new:
        began, began_cpu = time.perf_counter(), time.process_time()
        customers.save(shop, form, by=ann)
        created.append(time.perf_counter() - began)
        created_cpu.append(time.process_time() - began_cpu)
    db.disconnect()
    return Measured(seconds, scans, _percentile(created), _percentile(created_cpu))


def _typed(asked: int) -> dict[str, list[str]]:
    """What is typed of customers who are there, cut at random places."""
    from kiosk import db

    chosen = random.Random(7)
    (count,) = db.row("SELECT MAX(number) FROM customer") or (0,)
    found: dict[str, list[str]] = {
        way: [] for way in ("exact", "prefix or last digits", "substring", "one typo", "two words, digits or a typo")
    }
    for place in range(asked):
        number = chosen.randrange(1, count + 1)
        id_, name = db.row("SELECT id, name FROM customer WHERE number = ?", (number,)) or ("", "")
        contacts = dict(db.rows("SELECT channel, value FROM contact WHERE customer = ?", (id_,)))
        phone, email = contacts["phone"], contacts.get("email", f"#{number}")
        first, last = name.split(" ")
        start = chosen.randint(1, 3)
        found["exact"].append((phone, email, f"#{number}")[place % 3])
        found["prefix or last digits"].append(
            (last[: chosen.randint(3, 6)], first[: chosen.randint(2, 4)], phone[-chosen.randint(4, 6) :])[place % 3]
        )
        found["substring"].append(
            (last[start : start + chosen.randint(3, 6)], phone[5 : chosen.randint(9, 11)])[place % 2]
        )
        found["one typo"].append(_slipped(last.lower(), chosen))
        found["two words, digits or a typo"].append(
            (f"{first} {last[: chosen.randint(1, 4)]}", f"{last} {phone[-4:]}", f"{first} {_slipped(last, chosen)}")[
                place % 3
            ]
        )
    return found


def _slipped(word: str, chosen: random.Random) -> str:
    place, letter = chosen.randrange(len(word) - 1), chosen.choice("abcdefghijklmnopqrstuvwxyz")
    before, here, after = word[:place], word[place], word[place + 1 :]
    ways = (
        before + after,
        before + letter + here + after,
        before + letter + after,
        before + after[0] + here + after[1:],
    )
    return chosen.choice(ways)


def _names(count: int) -> list[tuple[str, str]]:
    """Names that the crowd has, in other pairs."""
    crowd = Crowd(0)
    chosen = random.Random(9)
    return [(chosen.choice(crowd.first_names), chosen.choice(crowd.last_names)) for _place in range(count)]


def _cpu(job: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    job(text)
    return time.process_time() - began


def _percentile(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) * 99 // 100]
