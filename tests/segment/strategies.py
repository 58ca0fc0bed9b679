"""Generated segments and generated people that meet: both draw from the same few ids, tags, amounts and instants, and
those instants lie on the edges of days, also of days on which clocks change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache, partial
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from plugin.segment.ast import (
    And,
    Call,
    Comparison,
    Day,
    Matches,
    Moment,
    Node,
    Number,
    Offset,
    Or,
    Span,
    Text,
    Truth,
    Value,
    Word,
    negated,
)
from plugin.segment.attributes import ATTRIBUTES, Argument, Attribute, Function, Question
from plugin.segment.kinds import Family, Kind, Takes
from plugin.segment.operators import symbols
from tests.segment import behaviour, told
from tests.segment.behaviour import Life, Ware, lives, wares
from tests.segment.population import Bought, Someone

PLACES = (  # a zone, and a day on which something is odd about its clocks
    ("UTC", date(2026, 11, 18)),
    ("Europe/London", date(2026, 10, 25)),  # 25 hours
    ("America/New_York", date(2026, 3, 8)),  # 23 hours
    ("Africa/Cairo", date(2026, 4, 24)),  # begins at one
    ("America/Havana", date(2026, 11, 1)),  # midnight comes twice
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("Asia/Kathmandu", date(2024, 2, 29)),
    ("Pacific/Apia", date(2011, 12, 30)),  # did not happen
)
PRODUCTS = (1, 2, 3, 2**53 + 1, 2**63 - 1)
TAGS = ("VIP", "vip", "Straße", "STRASSE", "it's", "a\\b", "été", "日本", "", " ")
WORDS = ("Lamp", "Chair", "Hygge", "gold", "Gold", "", " ", "it's", "日本")
COUNTRIES = ("GB", "IE", "US")
LISTS = ("Fair 2026", "Gold")
TEXTS = (
    told.TEXTS
    | behaviour.TEXTS
    | {
        "category": ("gold", "gold > Gold", "Gold", "gol"),
        "tag": (*TAGS, "nobody's"),
        "stock number": ("A-1", "a-1", "", "nobody's"),
        "tags": (*TAGS, "nobody's"),
        "countries": (*COUNTRIES, "FR"),
        "list name": (*LISTS, "fair  2026", "Nobody's"),
    }
)
"""By a kind's name: texts that people have, and one that nobody has. A kind without a line here gets WORDS."""
BEGINNINGS = {
    "path": ("/", "/pages", "/pages/", "/Pages/", "/blogs/news/wool"),
    "postcodes": ("sw1", "SW1A 1", "1", "9", "%"),
}
"""By a kind's name, of kinds whose texts can be asked by their beginnings."""
NUMBERS = tuple(map(Decimal, ("0", "1", "-1", "0.1", "2.5", "100", "1000000.000001")))
AMOUNTS = tuple(map(Decimal, ("0", "1", "10", "10.005", "9.99", "100", "0.001", "-1", "20")))
MINOR = (0, 1, 10, 100, 999, 1_000, 1_001, 10_000)
POINTS = ((51.5072, -0.1276), (51.5, -0.1276), (-36.85, 174.76), (0.0, 180.0), (90.0, 0.0))
DISTANCES = tuple(map(Decimal, ("0.1", "0.8", "0.81", "6.2", "5001", "20015.2", "99999")))
ARGUMENTS = {
    ("random_share", "percent"): st.sampled_from((0, 1, 10, 50, 99, 100)).map(lambda n: Number(Decimal(n))),
    ("customer_within_distance", "coordinates"): st.sampled_from(POINTS).map(lambda at: Text(f"{at[0]},{at[1]}")),
    ("customer_within_distance", "distance_km"): st.sampled_from(DISTANCES).map(Number),
    ("customer_within_distance", "distance_mi"): st.sampled_from(DISTANCES).map(Number),
}
"""Of questions that do not take any value of the kind."""
WAYS = {"customer_within_distance": (("coordinates", "distance_km"), ("coordinates", "distance_mi"))}
"""Which arguments are given together, where it is not all of them or those that are needed."""


@dataclass(frozen=True)
class World:
    """Where and when a segment is judged, whom it is judged on, and what products are tagged."""

    timezone: str
    currency: str
    now: datetime
    people: tuple[Someone, ...]
    product_tags: dict[int, list[str]]
    wares: dict[int, Ware]
    segments: tuple[Node, ...]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    timezone, odd_day = draw(st.sampled_from(PLACES))
    days = [odd_day + timedelta(days=n) for n in (-31, -1, 0, 1, 2)]
    edges = _edges(days, ZoneInfo(timezone))
    instants = st.sampled_from(edges)
    now = draw(instants) + draw(st.sampled_from((timedelta(), timedelta(hours=5), timedelta(days=30))))
    people = draw(st.lists(_people(instants), min_size=1, max_size=7))
    return World(
        timezone=timezone,
        currency=draw(st.sampled_from(("GBP", "JPY", "KWD"))),
        now=now,
        people=tuple(people),
        product_tags=draw(st.dictionaries(st.sampled_from(PRODUCTS), st.lists(st.sampled_from(TAGS[:8]), max_size=2))),
        wares=draw(wares()),
        segments=tuple(draw(st.lists(trees(days), min_size=8, max_size=8))),
    )


def _edges(days: list[date], zone: ZoneInfo) -> list[datetime]:
    """The midnights of `days`, and what comes just before and after them."""
    midnights = [datetime.combine(day, time(), zone).astimezone(UTC) for day in days]
    steps = (timedelta(), timedelta(microseconds=-1), timedelta(seconds=1), timedelta(seconds=-1), timedelta(hours=12))
    return [midnight + step for midnight in midnights for step in steps]


def _people(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Someone]:
    orders = st.builds(
        Bought,
        at=instants,
        lines=st.lists(st.tuples(st.none() | st.sampled_from(PRODUCTS), st.integers(1, 3)), max_size=3).map(tuple),
        total=st.sampled_from(MINOR),
        refunded=st.sampled_from((0, 0, 1, 10)),
        test=st.sampled_from((False, False, False, True)),
        deleted=st.sampled_from((False, False, False, True)),
        app_id=st.none() | st.sampled_from(PRODUCTS[:2]),
        location_id=st.none() | st.sampled_from(PRODUCTS[:2]),
        channel=st.sampled_from((None, "web", "pos", *WORDS[:2])),
        hour=st.sampled_from((None, 0, 2, 23)),
        weekday=st.sampled_from((None, 1, 5, 7)),
        discounts=st.lists(st.sampled_from((("code", "TEN"), ("automatic", "Straße"), ("manual", ""))), max_size=2).map(
            tuple
        ),
        price=st.sampled_from(MINOR),
        variants=st.sampled_from((True, True, False)),
    )
    tags = st.lists(st.sampled_from(TAGS), max_size=2).map(tuple)
    return st.builds(
        Someone,
        added_at=st.none() | instants,
        deleted=st.sampled_from((False, False, False, False, True)),
        countries=st.lists(st.sampled_from(COUNTRIES), max_size=2).map(tuple),
        tags=tags,
        removed_tags=tags,
        subscriptions=st.lists(st.sampled_from(("active", "gone", "unsubscribed")), max_size=2).map(tuple),
        orders=st.lists(orders, max_size=3).map(tuple),
        email_status=st.sampled_from((None, "SUBSCRIBED", "UNSUBSCRIBED")),
        sms_status=st.sampled_from((None, "SUBSCRIBED", "NOT_SUBSCRIBED")),
        points=st.lists(st.sampled_from(POINTS), max_size=2).map(tuple),
        told=told.tellings(instants),
        life=st.just(Life()) | lives(instants),
        lists=st.lists(st.sampled_from(LISTS), max_size=2, unique=True).map(tuple),
    )


def trees(days: list[date]) -> st.SearchStrategy[Node]:
    """Any segment that passes the check, in the shape that the parser gives it."""
    return _trees(tuple(days))


@cache  # the catalogue is long: making its strategies for each example takes longer than judging it
def _trees(days: tuple[date, ...]) -> st.SearchStrategy[Node]:
    functions = [entry.name for entry in ATTRIBUTES.values() if isinstance(entry, Function)]
    clauses = st.sampled_from([*ATTRIBUTES, *functions * 3]).flatmap(lambda name: _clause(name, days))
    leaves = clauses | _anniversaries(list(days)) | _metafields(list(days))
    return st.recursive(
        leaves, lambda inner: _groups(And, Or, inner) | _groups(Or, And, inner) | inner.map(_turned), max_leaves=4
    )


def _turned(node: Node) -> Node:
    return negated(node, Span(0, 0))


@cache
def _clause(name: str, on: tuple[date, ...]) -> st.SearchStrategy[Node]:
    days, entry = list(on), ATTRIBUTES[name]
    match entry:
        case Function():
            return _matches(entry, days)
        case Question():
            return _questions(entry, days)
        case Attribute():
            return _test(entry, days)


def _questions(question: Question, days: list[date]) -> st.SearchStrategy[Node]:
    """Asked with all of its arguments, or with those that it needs."""
    needed = [argument.name for argument in question.arguments if argument.required]
    ways = WAYS.get(question.name, (needed, [argument.name for argument in question.arguments]))
    return st.sampled_from(ways).flatmap(lambda chosen: _asked(question, chosen, days))


def _asked(question: Question, chosen: Sequence[str], days: list[date]) -> st.SearchStrategy[Node]:
    given = [(one.name, _argument(question, one, days)) for one in question.arguments if one.name in chosen]
    if not question.named:
        arguments = st.tuples(*(value for _, value in given))
        return st.builds(Call, st.just(Word(question.name)), st.booleans(), arguments)
    tests = st.tuples(*(value.map(partial(_is, name)) for name, value in given))
    return st.builds(Matches, st.just(Word(question.name)), st.booleans(), tests)


def _is(name: str, value: Value) -> Comparison:
    return Comparison(Word(name), Word("="), (value,))


def _argument(question: Question, argument: Argument, days: list[date]) -> st.SearchStrategy[Value]:
    special = ARGUMENTS.get((question.name, argument.name))
    return values(argument.kind, days) if special is None else special


def _anniversaries(days: list[date]) -> st.SearchStrategy[Node]:
    dates = [entry.name for entry in ATTRIBUTES.values() if isinstance(entry, Attribute) and entry.kind is Kind.DATE]
    one = st.sampled_from(days).map(Day) | st.builds(Offset, st.integers(-40, 40), st.sampled_from("dwm"))
    names = st.sampled_from(dates).map(lambda name: (Text(name),))
    tests = st.sampled_from(("=", "BETWEEN")).flatmap(
        lambda symbol: st.tuples(st.just(Word(symbol)), _operands(symbol, one))
    )
    return st.builds(lambda test, arguments: Comparison(Word("anniversary"), test[0], test[1], arguments), tests, names)


def _metafields(days: list[date]) -> st.SearchStrategy[Node]:
    """Attributes that no list holds, compared with a value of every kind."""
    kinds = (Kind.TEXT, Kind.FLOAT, Kind.DATE, Kind.BOOLEAN, Kind.LABELS)
    asked = st.tuples(st.sampled_from(told.PATHS), st.sampled_from(kinds))
    return asked.flatmap(lambda one: _comparison(one[0], one[1], days, nulls=one[1] is Kind.TEXT))


def _groups(
    kind: type[And] | type[Or], other: type[And] | type[Or], inner: st.SearchStrategy[Node]
) -> st.SearchStrategy[Node]:
    parts = inner.filter(lambda part: not isinstance(part, kind))
    return st.lists(parts, min_size=2, max_size=3).map(lambda found: kind(tuple(found)))


def _matches(function: Function, days: list[date]) -> st.SearchStrategy[Node]:
    names = st.lists(st.sampled_from(sorted(function.parameters)), unique=True, max_size=3)
    tests = names.flatmap(
        lambda chosen: st.tuples(*(_comparison(name, function.parameters[name].kind, days) for name in chosen))
    )
    return st.builds(Matches, st.just(Word(function.name)), st.booleans(), tests)


def _test(attribute: Attribute, days: list[date]) -> st.SearchStrategy[Node]:
    return _comparison(attribute.name, attribute.kind, days, nulls=True)


def _comparison(name: str, kind: Kind, days: list[date], *, nulls: bool = False) -> st.SearchStrategy[Comparison]:
    operators = [symbol for symbol in symbols(kind) if nulls or not symbol.startswith("IS ")]
    return st.sampled_from(operators).flatmap(
        lambda symbol: st.builds(
            Comparison, st.just(Word(name)), st.just(Word(symbol)), _operands(symbol, _asked_of(kind, symbol, days))
        )
    )


def _asked_of(kind: Kind, symbol: str, days: list[date]) -> st.SearchStrategy[Value]:
    if symbol.endswith("STARTS WITH"):
        return st.sampled_from(BEGINNINGS[kind.name]).map(Text)
    return values(kind, days)


def _operands(symbol: str, one: st.SearchStrategy[Value]) -> st.SearchStrategy[tuple[Value, ...]]:
    match symbol:
        case "IS NULL" | "IS NOT NULL":
            return st.just(())
        case "BETWEEN":
            return st.tuples(one, one)
        case "IN" | "NOT IN":
            return st.lists(one, min_size=1, max_size=3).map(tuple)
        case _:
            return st.tuples(one)


def values(kind: Kind, days: list[date]) -> st.SearchStrategy[Value]:
    """Values of a kind, those that people have among them."""
    match kind.takes:
        case Takes.WHOLE:
            return st.sampled_from((0, 1, 2, 3, 5, -1, 2**31, 2**63 - 1)).map(lambda n: Number(Decimal(n)))
        case Takes.DECIMAL:
            return st.sampled_from(NUMBERS).map(Number)
        case Takes.ID:
            return st.sampled_from((*PRODUCTS, 4)).map(lambda n: Number(Decimal(n)))
        case Takes.MONEY:
            return st.sampled_from(AMOUNTS).map(Number)
        case Takes.DATE:
            moments = st.sampled_from(days).map(lambda day: Moment(datetime.combine(day, time())))
            offsets = st.builds(Offset, st.integers(-31, 2), st.sampled_from("hdwmy"))
            return st.sampled_from(days).map(Day) | moments | offsets
        case Takes.DAYS:
            return st.integers(-1, 40).map(lambda n: Number(Decimal(n)))
        case Takes.YEARS:
            return st.sampled_from((0, 1, 2, 18, 150)).map(lambda n: Number(Decimal(n)))
        case Takes.TEXT:
            return st.sampled_from(kind.choices or TEXTS.get(kind.name, WORDS)).map(Text)
        case Takes.TRUTH:
            return st.booleans().map(Truth)


assert {kind.family for kind in vars(Kind).values() if isinstance(kind, Kind)} == set(Family), "each is generated"
