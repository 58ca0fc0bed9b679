"""Functions as Shopify wrote them until API version 2026-10: `products_purchased(id: 1234, date: -30d) = true`.

Merchants' segments still hold them. They have no operators, so each argument gets the one that was meant:

* `name: value` is `name = value`, `name: (a, b)` is `name IN (a, b)`, `name: BETWEEN a AND b` is itself;
* an offset or `90_days_ago` is a window up to now, `date: -30d` is `date >= -30d`; a date, `today` and `yesterday` are
  days;
* `since: x` is `date >= x`, `until: x` is `date <= x`, both together are `date BETWEEN`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .ast import Comparison, Span, Value, Word
from .errors import SegmentError


@dataclass(frozen=True, slots=True)
class Argument:
    """`name: values`, with the operator that its form suggests."""

    name: Word
    operator: Word
    values: tuple[Value, ...]


def parameters(arguments: list[Argument], error: Callable[[str, Span], SegmentError]) -> tuple[Comparison, ...]:
    """The same as parameters of MATCHES, in the same order. Raises what `error` makes of a sentence and a place."""
    found: list[Comparison] = []
    bounds: dict[str, Comparison] = {}
    for argument in arguments:
        last = argument.values[-1].span
        span = Span(argument.name.span.start, last.end)
        parameter = Comparison(argument.name, argument.operator, argument.values, span=span)
        if argument.name.text not in _BOUNDS:
            found.append(parameter)
            continue
        if len(argument.values) != 1 or argument.name.text in bounds:
            raise error(f"{argument.name.text} takes one date, once.", span)
        bounds[argument.name.text] = parameter
        if len(bounds) == 1:
            place = len(found)
            found.append(_bound(parameter))
        else:
            found[place] = _between(bounds["since"], bounds["until"])
    return tuple(found)


_BOUNDS = {"since": ">=", "until": "<="}


def _bound(parameter: Comparison) -> Comparison:
    name, operator = parameter.name, parameter.operator
    return replace(parameter, name=Word("date", span=name.span), operator=Word(_BOUNDS[name.text], span=operator.span))


def _between(since: Comparison, until: Comparison) -> Comparison:
    both = since.values + until.values
    span = Span(min(since.span.start, until.span.start), max(since.span.end, until.span.end))
    return Comparison(Word("date", span=since.name.span), Word("BETWEEN", span=span), both, span=span)
