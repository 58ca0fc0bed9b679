"""Functions as Shopify wrote them until API version 2026-10, `products_purchased(id: 1234, date: -30d) = true`, and
other calls: `in_list('Fair 2026')`, `event('points', value > 100)`.

Merchants' segments still hold the older ones. They have no operators, so each argument gets the one that was meant:

* `name: value` is `name = value`, `name: (a, b)` is `name IN (a, b)`, `name: BETWEEN a AND b` is itself;
* an offset or `90_days_ago` is a window up to now, `date: -30d` is `date >= -30d`; a date, `today` and `yesterday` are
  days;
* `since: x` is `date >= x`, `until: x` is `date <= x`, both together are `date BETWEEN`; so in MATCHES too;
* `coordinates: (lat, lng)` is `coordinates = 'lat,lng'`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from .ast import Call, Clause, Comparison, Matches, Number, Span, Text, Value, Word
from .errors import SegmentError

Complaint: TypeAlias = Callable[[str, Span], SegmentError]

FIRST: Final = {"event": "name"}
"""Functions whose first parameter stands in a call without its name."""


@dataclass(frozen=True, slots=True)
class Argument:
    """`name: values`, with the operator that its form suggests."""

    name: Word
    operator: Word
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """`name( … )`, as it stands there."""

    name: Word
    inside: tuple[Argument | Comparison | Value, ...]


def clause(asked: Asked, span: Span, error: Complaint, *, negated: bool = False) -> Clause:
    """What a call asks by itself. Raises what `error` makes of a sentence and a place."""
    named: list[Comparison] = []
    bare: list[Value] = []
    for one in asked.inside:
        match one:
            case Argument():
                named.append(_parameter(one, error))
            case Comparison():
                named.append(one)
            case _ if not named and not bare and asked.name.text in FIRST:
                name = Word(FIRST[asked.name.text], span=one.span)
                named.append(Comparison(name, Word("=", span=one.span), (one,), span=one.span))
            case _:
                bare.append(one)
    if bare and named:
        raise error(f"Each value in {asked.name.text}( … ) needs the name of its parameter.", bare[0].span)
    if bare:
        return Call(asked.name, negated, tuple(bare), span=span)
    return Matches(asked.name, negated, bounded(named, error), span=span)


def values(asked: Asked, compared: Span, error: Complaint) -> tuple[Value, ...]:
    """The arguments of a call that is compared with what stands at `compared`; `date: 'first_order_date'` may have its
    name. Raises what `error` makes of a sentence and a place."""
    found: list[Value] = []
    for one in asked.inside:
        if not isinstance(one, Argument | Comparison):
            found.append(one)
        elif one.name.text == "date" and one.operator.text == "=":
            found.append(one.values[0])
        else:
            raise error(f"{asked.name.text}( … ) is compared with true or false.", compared)
    return tuple(found)


def point(name: Word, numbers: tuple[Value, ...], error: Complaint) -> Text:
    """`(51.5, -0.1)` as the text that stands for it."""
    span = Span(numbers[0].span.start, numbers[-1].span.end)
    if name.text != "coordinates":
        raise error(f"A list stands behind IN: {name.text} IN ( … ).", span)
    degrees = [f"{one.value:f}" for one in numbers if isinstance(one, Number)]
    if len(degrees) != 2 or len(numbers) != 2:
        raise error("coordinates are two numbers: a latitude and a longitude.", span)
    return Text(",".join(degrees), span=span)


def bounded(parameters: Sequence[Comparison], error: Complaint) -> tuple[Comparison, ...]:
    """The same parameters, with `date` in place of `since` and `until`."""
    found: list[Comparison] = []
    bounds: dict[str, Comparison] = {}
    for parameter in parameters:
        name = parameter.name.text
        if name not in _BOUNDS:
            found.append(parameter)
            continue
        if parameter.operator.text != "=" or name in bounds:
            raise error(f"{name} takes one date, once.", parameter.span)
        bounds[name] = parameter
        if len(bounds) == 1:
            place = len(found)
            found.append(_bound(parameter))
        else:
            found[place] = _between(bounds["since"], bounds["until"])
    return tuple(found)


_BOUNDS = {"since": ">=", "until": "<="}


def _parameter(argument: Argument, error: Complaint) -> Comparison:
    span = Span(argument.name.span.start, argument.values[-1].span.end)
    if argument.name.text == "coordinates" and len(argument.values) == 2:
        text = point(argument.name, argument.values, error)
        return Comparison(argument.name, replace(argument.operator, text="="), (text,), span=span)
    if argument.name.text in _BOUNDS and argument.operator.text == ">=":
        return Comparison(argument.name, replace(argument.operator, text="="), argument.values, span=span)
    return Comparison(argument.name, argument.operator, argument.values, span=span)


def _bound(parameter: Comparison) -> Comparison:
    name, operator = parameter.name, parameter.operator
    return replace(parameter, name=Word("date", span=name.span), operator=Word(_BOUNDS[name.text], span=operator.span))


def _between(since: Comparison, until: Comparison) -> Comparison:
    both = since.values + until.values
    span = Span(min(since.span.start, until.span.start), max(since.span.end, until.span.end))
    return Comparison(Word("date", span=since.name.span), Word("BETWEEN", span=span), both, span=span)
