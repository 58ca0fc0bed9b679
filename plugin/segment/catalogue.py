"""The catalogue as the builder shows it: every filter by subject, with its words and the control of its values.

It is made of the attributes' own entries, so a new attribute stands in the builder by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from .attributes import ATTRIBUTES, SUBJECTS, Argument, Attribute, Entry, Function, Parameter, Question, find
from .kinds import Family, Kind, Takes
from .operators import symbols
from .suggest import source_of

Told: TypeAlias = dict[str, Any]

TITLES: Final[Mapping[str, str]] = {
    "orders": "Orders and amounts",
    "purchases": "What they bought",
    "contact": "Consent and tags",
    "place": "Place",
    "demographics": "About the person",
    "credit": "Store credit",
    "behaviour": "What they looked at",
    "device": "Device and source",
    "location": "Where they were",
    "engagement": "Notifications",
    "custom": "Events of other tools",
    "cycle": "Life cycle",
    "affinity": "Tastes",
    "lists": "Your lists",
    "distance": "Distance",
    "chance": "Samples",
}
"""The subjects' files in merchants' words."""


def catalogue(metafields: Sequence[tuple[str, str]] = ()) -> list[Told]:
    """Subjects with their filters, in the order in which they are shown; with the `metafields` of a shop, each a path
    and Shopify's type."""
    order = {name: at for at, name in enumerate(TITLES)}
    subjects = sorted(SUBJECTS.items(), key=lambda subject: order.get(subject[0], len(order)))
    return [
        {"title": TITLES.get(name, _said(name)), "filters": [_filter(entry) for entry in entries]}
        for name, entries in subjects
        if entries
    ] + [
        {"title": "Other segments and yearly days", "filters": [_IN_SEGMENT, _anniversary(metafields)]},
        *_own(metafields),
    ]


def filters() -> list[Told]:
    """All of them in one list."""
    return [one for subject in catalogue() for one in subject["filters"]]


def words_of(kind: Kind) -> list[tuple[str, str]]:
    """The operators of a kind with what the builder calls them."""
    named = _OF_DATES if kind.takes is Takes.DATE else _OF_LISTS if kind.family is Family.LIST else _OF_VALUES
    return [(symbol, named.get(symbol, symbol.lower())) for symbol in symbols(kind)]


def about(entry: Entry) -> str:
    """One sentence on what a filter asks."""
    match entry:
        case Function():
            said = {name: parameter.absent for name, parameter in entry.parameters.items()}
            return f"People who {entry.says.format(**said)}."
        case Question():
            shown = [one.name for one in entry.arguments if one.required]
            shown += [one.name for one in entry.arguments if not one.required][: int(entry.named)]
            said = {one.name: one.says.format(words="…") if one.name in shown else "" for one in entry.arguments}
            return " ".join(f"People who {entry.says.format(**said)}.".split()).replace("….", "…")
        case Attribute():
            if entry.kind.family is Family.FLAG:
                return f"People who {entry.verb}."
            if entry.kind.takes is Takes.DAYS:
                return f"People who {entry.verb} … days ago."
            return f"People who {entry.verb} … {entry.unit}s." if entry.unit else f"People who {entry.verb} …"


def title(entry: Entry | Parameter | Argument) -> str:
    """The filter's or parameter's name as a merchant reads it: "Number of orders"."""
    return _said(entry.name)


def _filter(entry: Entry) -> Told:
    told: Told = {"name": entry.name, "title": title(entry), "about": about(entry), "again": _is_again(entry)}
    match entry:
        case Function():
            return told | {"parameters": [_named(entry.name, one) for one in entry.parameters.values()]}
        case Question() if entry.named:
            return told | {"asked": True, "parameters": [_named(entry.name, one) for one in entry.arguments]}
        case Question():
            return told | {"arguments": [_named(entry.name, one) for one in entry.arguments]}
        case Attribute():
            return told | _control(entry.kind, source_of(entry.kind, entry.name), unit=entry.unit)


def _is_again(entry: Entry) -> bool:
    """A second name of another filter, such as Shopify's `storefront_event.product_viewed`: shown, but not offered."""
    return "." in entry.name and entry.name.rpartition(".")[2] in ATTRIBUTES


def _named(entry: str, one: Parameter | Argument) -> Told:
    needed = isinstance(one, Argument) and one.required
    control = _control(one.kind, source_of(one.kind, entry, one.name))
    if isinstance(one, Argument):
        control["operators"] = [("=", "is")]
    return {"name": one.name, "title": title(one), "needed": needed, **control}


def _own(metafields: Sequence[tuple[str, str]]) -> list[Told]:
    made = [(path, find(path, _kind_of(type_))) for path, type_ in metafields]
    some = [_filter(entry) | {"title": _path(path)} for path, entry in made if entry is not None]
    return [{"title": "Customer metafields", "filters": some}] if some else []


def _path(path: str) -> str:
    """`customer.metafields.custom.skin_type` → "Skin type (custom)"."""
    space, _, key = path.removeprefix("customer.metafields.").partition(".")
    return f"{_said(key)} ({space})"


def _kind_of(type_: str) -> Kind:
    """What a metafield of Shopify's type is compared with."""
    if type_.startswith("list."):
        return Kind.LABELS
    if type_.startswith("date"):
        return Kind.DATE
    return {"boolean": Kind.BOOLEAN, "number_integer": Kind.FLOAT, "number_decimal": Kind.FLOAT}.get(type_, Kind.TEXT)


def _anniversary(metafields: Sequence[tuple[str, str]]) -> Told:
    """A date's day, each year anew."""
    dates = [
        [one.name, title(one)] for one in ATTRIBUTES.values() if isinstance(one, Attribute) and one.kind is Kind.DATE
    ]
    dates += [
        [path.removeprefix("customer."), _path(path)] for path, type_ in metafields if _kind_of(type_) is Kind.DATE
    ]
    return {
        "name": "anniversary",
        "title": "Anniversary",
        "about": "People who have the yearly day of a date, such as a birthday, on a day or between two.",
        "of": {"takes": "text", "operators": [("=", "is")], "choices": dates, "source": "yearly", "unit": ""},
        **_control(Kind.ANNIVERSARY, None),
    }


def _control(kind: Kind, source: str | None, unit: str = "") -> Told:
    return {
        "takes": kind.takes.name.lower(),
        "operators": words_of(kind),
        "choices": [[choice, _said(choice)] for choice in kind.choices],
        "source": source,
        "unit": _UNITS.get(kind.takes, unit),
    }


def _said(name: str) -> str:
    """`storefront_event.product_viewed` → "Product viewed"; `NOT_SUBSCRIBED` → "Not subscribed"."""
    words = name.rpartition(".")[2].replace("_", " ").strip().lower()
    said = " ".join(_SPELLED.get(word, word) for word in words.split())
    return said[:1].upper() + said[1:]


_SPELLED: Final = {"sms": "SMS", "utm": "UTM", "rfm": "RFM", "id": "ID", "email": "e-mail", "km": "km", "mi": "miles"}
_IN_SEGMENT: Final[Told] = {
    "name": "in_segment",
    "title": "In another segment",
    "about": "People who are in one of your other segments, as it stands at that moment.",
    "arguments": [
        {"name": "name", "title": "Segment", "needed": True, "takes": "text", "operators": [("=", "is")]}
        | {"choices": [], "source": "segment", "unit": ""}
    ],
}
_UNITS: Final = {Takes.DAYS: "day", Takes.YEARS: "year"}
_OF_VALUES: Final = {
    "=": "is",
    "!=": "is not",
    ">": "is more than",
    ">=": "is at least",
    "<": "is less than",
    "<=": "is at most",
    "BETWEEN": "is between",
    "IN": "is one of",
    "NOT IN": "is none of",
    "STARTS WITH": "begins with",
    "NOT STARTS WITH": "does not begin with",
    "IS NULL": "is missing",
    "IS NOT NULL": "is known",
}
_OF_DATES: Final = {
    "=": "is on",
    "!=": "is not on",
    ">": "is after",
    ">=": "is on or after",
    "<": "is before",
    "<=": "is on or before",
    "BETWEEN": "is between",
    "IS NULL": "is missing",
    "IS NOT NULL": "is known",
}
_OF_LISTS: Final = {
    "CONTAINS": "include",
    "NOT CONTAINS": "do not include",
    "STARTS WITH": "include one beginning with",
    "NOT STARTS WITH": "include none beginning with",
    "IS NULL": "are missing",
    "IS NOT NULL": "are known",
}
