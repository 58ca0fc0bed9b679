"""Who somebody is: what they said of themselves, metafields by their path, language, companies."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, func, select, union_all
from sqlalchemy import column as unbound

from plugin.profile.load import Profile
from plugin.profile.load_told import Field
from plugin.profile.shopper_facts import DEFAULTS
from plugin.segment.kinds import Family, Kind, Takes, Unfit
from plugin.store.tables import answers, people, person_companies, person_metafields, shopper_facts
from plugin.store.upsert import in_none_of

from .custom import last_answers
from .shape import Attribute, column, reads, some

PATH = re.compile(r"customer\.metafields\.([^.\s]{1,255})\.([^.\s]{1,255})")


def _language(code: str) -> str:
    if re.fullmatch("[a-z]{2,3}", code):
        return code
    hint = f" Did you mean '{code[:2].lower()}'?" if re.fullmatch("[A-Za-z]{2}([-_].*)?", code) else ""
    raise Unfit(f"takes {_LANGUAGE.example}.{hint}")


_LANGUAGE = Kind(
    "language",
    Family.IDENTITY,
    Takes.TEXT,
    "a language's small letters in single quotes such as 'en'",
    key=_language,
    quoted=False,
)
_COMPANY = Kind("company", Family.LABEL, Takes.ID, "a company's id such as 1234")


def _fact(name: str, kind: Kind, *, fact: str, takes: Takes, verb: str, noun: str) -> Attribute:
    """What somebody said of themselves, else what a metafield of the merchant's choice tells."""
    told, read = _VALUES[takes]
    return Attribute(
        name,
        kind,
        column(unbound(_KNOWN, told.type)),
        lambda profile: read(profile.facts.get(fact, _NOTHING)),
        reads=reads("facts"),
        verb=verb,
        noun=noun,
        rows=lambda shop_id: _rows_of_fact(shop_id, fact, told, _DECLARED[takes]),
    )


def _rows_of_fact(shop_id: int, fact: str, told: Column[Any], said: Column[Any]) -> Select[tuple[int]]:
    """The persons of whom it is known, with what is, as _KNOWN."""
    declared = last_answers(shop_id).where(answers.c.question == fact, said.is_not(None))
    others = _rows_of_metafield(shop_id, fact).where(
        person_metafields.c.position == 0, told.is_not(None), in_none_of(person_metafields.c.person_id, declared)
    )
    both = union_all(declared.add_columns(said.label(_KNOWN)), others.add_columns(told.label(_KNOWN))).subquery()
    return select(both.c.person_id)


def _rows_of_metafield(shop_id: int, fact: str) -> Select[tuple[int]]:
    """What the metafield tells that the merchant chose."""
    of, chosen = person_metafields.c, shopper_facts.c
    mine = chosen.shop_id == shop_id, chosen.fact == fact
    path = [
        func.coalesce(select(part).where(*mine).scalar_subquery(), default)
        for part, default in zip((chosen.namespace, chosen.key), DEFAULTS[fact], strict=True)
    ]
    return select(of.person_id).where(of.shop_id == shop_id, of.namespace == path[0], of.key == path[1], ~of.overruled)


def metafield(name: str, kind: Kind) -> Attribute | None:
    """The attribute of `customer.metafields.custom.level`, as values of `kind` are compared with it.

    A list is asked with CONTAINS; as a single value it is its first. Of another type than the question's it is
    missing: `> 3` finds no text.
    """
    found = PATH.fullmatch(name)
    if found is None:
        return None
    path = found[1], found[2]
    said = f"{path[0]}.{path[1]}"
    if kind.family is Family.LIST:
        return Attribute(
            name,
            kind,
            _listed(path),
            lambda profile: frozenset(_of(profile, path).texts),
            reads=reads("metafields"),
            verb=f"have in the metafield {said}",
            noun=f"the metafield {said}",
        )
    value, read = _VALUES.get(kind.takes, _VALUES[Takes.TEXT])
    return Attribute(
        name,
        kind,
        column(value.is_(True) if kind.family is Family.FLAG else value),
        lambda profile: read(_of(profile, path)),
        reads=reads("metafields"),
        verb=f"have the metafield {said}",
        noun=f"the metafield {said}",
        rows=lambda shop_id: _rows(shop_id, path).where(person_metafields.c.position == 0, value.is_not(None)),
    )


def _listed(path: tuple[str, str]) -> Callable[[int], Callable[..., ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[..., ColumnElement[bool]]:
        held = _rows(shop_id, path)
        return lambda *texts: people.c.id.in_(held.where(*(person_metafields.c.text == text for text in texts)))

    return asked


def _rows(shop_id: int, path: tuple[str, str]) -> Select[tuple[int]]:
    of = person_metafields.c
    mine = of.shop_id == shop_id, of.namespace == path[0], of.key == path[1], ~of.overruled
    return select(of.person_id).where(*mine)


def _of(profile: Profile, path: tuple[str, str]) -> Field:
    return profile.metafields.get(path, _NOTHING)


_NOTHING = Field(())
_Read = Callable[[Field], Any]
_VALUES: dict[Takes, tuple[Column[Any], _Read]] = {
    Takes.TEXT: (person_metafields.c.text, lambda field: next(iter(field.texts), None)),
    Takes.DECIMAL: (person_metafields.c.number, lambda field: field.number),
    Takes.DATE: (person_metafields.c.at, lambda field: field.at),
    Takes.TRUTH: (person_metafields.c.truth, lambda field: field.truth),
}
"""What a query's value looks like → what it is compared with."""
_DECLARED: dict[Takes, Column[Any]] = {Takes.TEXT: answers.c.answer, Takes.DATE: answers.c.noon}
"""The same of an answer."""
_KNOWN = "said"
"""The column of a fact's value, wherever it was found."""

ENTRIES = (
    Attribute(
        "customer_language",
        _LANGUAGE,
        column(people.c.language),
        lambda profile: profile.standing.language,
        reads=reads("standing"),
        verb="have the language",
        noun="a language",
    ),
    Attribute(
        "companies",
        _COMPANY,
        some(person_companies.c.company_id, ~person_companies.c.overruled),
        lambda profile: profile.companies,
        reads=reads("companies"),
        verb="buy for the company",
        noun="a company to buy for",
    ),
    _fact(
        "birthday",
        Kind.DATE,
        fact="birthday",
        takes=Takes.DATE,
        verb="were born",
        noun="a birthday that is known",
    ),
    _fact(
        "age",
        Kind.AGE,
        fact="birthday",
        takes=Takes.DATE,
        verb="are aged",
        noun="an age that is known",
    ),
    *(
        _fact(
            name,
            Kind.TEXT,
            fact=name,
            takes=Takes.TEXT,
            verb=f"have the {words}",
            noun=f"any {words} that is known",
        )
        for name, words in (
            ("gender", "gender"),
            ("income_band", "income band"),
            ("profession", "profession"),
            ("education", "education"),
        )
    ),
)
