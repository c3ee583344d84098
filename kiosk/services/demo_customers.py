"""The customers of the demo shop: people and companies of one small town, nobody of this world.

Their phone numbers are of the ranges that France keeps for films, their mail
goes to example.org, and the town lies in a field.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from kiosk import db
from kiosk.rules import codes
from kiosk.services import customers, points
from kiosk.services.customer_rows import CustomerForm, Kind
from kiosk.services.shop import Shop, new_key

_PEOPLE: Final = """
Anne Martin, Luc Bernard, Chloé Dubois, Hugo Thomas, Léa Robert, Paul Richard, Inès Petit, Louis Durand, Zoé Leroy,
Jules Moreau, Manon Simon, Adam Laurent, Lina Lefebvre, Noé Michel, Rose Garcia, Ethan David, Jade Bertrand,
Tom Roux, Alice Vincent, Sacha Fournier, Mila Morel, Nathan Girard, Eva André, Théo Lefèvre, Nina Mercier,
Gabriel Dupont, Lucie Lambert, Raphaël Bonnet, Julie François, Maël Martinez, Camille Legrand, Victor Garnier,
Sarah Faure, Simon Rousseau, Clara Blanc, Antoine Guérin, Emma Muller, Oscar Henry, Margaux Roussel, Basile Nicolas,
Agathe Perrin, Côme Morin, Élise Mathieu, Gaspard Clément, Iris Gauthier, Marius Dumont, Olivia Lopez, Rémi Fontaine,
Solène Chevalier, Tristan Robin, Violette Masson, Yann Sanchez, Apolline Noël, Brice Meyer
"""
_COMPANIES: Final = """
Café de la Gare, École du Parc, Garage Lebrun, Hôtel des Voyageurs, Cabinet Aubert, Fleurs Colin
"""
_STREETS: Final = ("rue du Parc", "rue des Lilas", "place du Marché", "chemin du Lavoir", "avenue de la Gare")
_LATITUDE: Final = 46_812_000
_LONGITUDE: Final = 2_513_000
_TOWN: Final = (5200, 8600)
"""How far the town goes from its market, in millionths of a degree."""

_CARD: Final = "9528"
"""Cards begin like the articles: with the prefix that GS1 keeps for examples."""
_BEFORE: Final = timedelta(days=330)
_EVERY: Final = timedelta(days=5)


def card_of(number: int) -> str:
    """The code on the card of a customer of the demo."""
    digits = f"{_CARD}{number:08d}"
    return digits + codes.check_digit(digits)


def add_customers(shop: Shop, random: Random, *, by: str, manager: str) -> tuple[str, ...]:
    """Write them down, each at a moment of the past year; their ids. The first three have their birthdays soon."""
    now = shop.clock.now()
    today = shop.clock.today()
    at = now - _BEFORE
    made = []
    with db.transaction():
        for number, form in enumerate(_forms(shop, today, random), start=1):
            # Companies pay by bill: it is the manager who writes them down.
            who = manager if form.kind is Kind.COMPANY else by
            then = at + number * _EVERY
            made.append(customers.save_in(_at(shop, then), form, by=who).id)
    return tuple(made)


def give_points(shop: Shop, ids: tuple[str, ...], *, by: str) -> None:
    """Some points by hand, which needs an open day."""
    reason = shop.settings.points_reasons[0] if shop.settings.points_reasons else "Cadeau"
    for place in range(0, len(ids), 9):
        points.adjust(shop, ids[place], 25 + 5 * place, add=True, reason=reason, key=new_key(), by=by)


def _forms(shop: Shop, today: date, random: Random) -> list[CustomerForm]:
    types = ("", "", *shop.settings.customer_types)
    forms = [
        replace(
            _home(random),
            name=name,
            phone=f"+3363998{number:04d}" if random.random() < 0.8 else "",
            email=f"client{number}@example.org" if random.random() < 0.4 else "",
            birth_date=_born(number, today, random),
            type=random.choice(types),
            card=card_of(number) if number % 3 == 1 else "",
        )
        for number, name in enumerate(_names(_PEOPLE), start=1)
    ]
    forms = [
        replace(
            form,
            phone_opt_in=bool(form.phone) and place % 4 == 0,
            email_opt_in=bool(form.email) and place % 3 != 2,
        )
        for place, form in enumerate(forms)
    ]
    return forms + [
        replace(_home(random), kind=Kind.COMPANY, company=name, phone=f"+3319900{number:04d}")
        for number, name in enumerate(_names(_COMPANIES), start=1)
    ]


def _home(random: Random) -> CustomerForm:
    """A door of the town; the nearer to the market, the more of them."""
    north, east = (round(random.gauss(0, 0.4) * far) for far in _TOWN)
    return CustomerForm(
        street=f"{random.randrange(1, 60)} {random.choice(_STREETS)}",
        postcode="75000",
        city="Exempleville",
        country="FR",
        latitude=_LATITUDE + north,
        longitude=_LONGITUDE + east,
    )


def _born(number: int, today: date, random: Random) -> date | None:
    if number <= 3:
        soon = today + timedelta(days=2 * number - 2)
        return soon.replace(year=1955 + 10 * number, day=min(soon.day, 28))
    day = date(1940, 1, 1) + timedelta(days=random.randrange(365 * 68))
    return day if random.random() < 0.6 else None


def _names(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split(",")]


def _at(shop: Shop, moment: datetime) -> Shop:
    return replace(shop, clock=replace(shop.clock, read=lambda: moment, trusted=lambda: True))
