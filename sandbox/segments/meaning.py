"""What a query's filters mean: a tree becomes a function from a shopper to yes or no. Raises Invalid."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from .dates import Days
from .grammar import Call, Clause, Invalid, Token, Tree
from .shoppers import Bought, Placed, Shopper

Holds = Callable[[Shopper], bool]
_SIGNS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_NUMBERS: dict[str, Callable[[Shopper], Any]] = {
    "number_of_orders": lambda one: one.orders,
    "amount_spent": lambda one: one.spent,
}
_DATES: dict[str, Callable[[Shopper], Any]] = {
    "customer_added_date": lambda one: one.added,
    "first_order_date": lambda one: min((order.at for order in one.placed), default=None),
    "last_order_date": lambda one: max((order.at for order in one.placed), default=None),
}
_LISTS: dict[str, Callable[[Shopper], frozenset[str]]] = {
    "customer_countries": lambda one: one.countries,
    "customer_tags": lambda one: one.tags,
}
_TEXTS: dict[str, Callable[[Shopper], Any]] = {
    "email_subscription_status": lambda one: one.statuses.get("email", "NOT_SUBSCRIBED"),
    "sms_subscription_status": lambda one: one.statuses.get("sms", "NOT_SUBSCRIBED"),
    "customer_account_status": lambda _: "ENABLED",
    "customer_email_domain": lambda one: one.email.partition("@")[2],
}
_TOTALS = {"count", "quantity", "sum_quantity", "sum_amount"}


class Meaning:
    """`tags` of products, casefolded."""

    def __init__(self, days: Days, tags: dict[int, frozenset[str]]) -> None:
        self.days, self.tags = days, tags

    def of(self, tree: Tree) -> Holds:
        if isinstance(tree, Clause):
            return self.clause(tree)
        if isinstance(tree, Call):
            return self.call(tree)
        word, parts = tree
        holds = [self.of(part) for part in parts]
        if word == "or":
            return lambda one: any(each(one) for each in holds)
        return lambda one: all(each(one) for each in holds)

    def clause(self, clause: Clause) -> Holds:
        name = clause.name
        if name in _NUMBERS:
            return self._of(_NUMBERS[name], self.number(clause))
        if name in _DATES:
            return self._of(_DATES[name], self.date(clause))
        if name in _LISTS:
            return self._of(_LISTS[name], self.contains(clause))
        if name in _TEXTS:
            return self._of(_TEXTS[name], self.same(clause))
        raise Invalid(f"Filter '{name}' cannot be found.")

    def call(self, call: Call) -> Holds:
        if call.name == "products_purchased":
            return self.rows(call, lambda one: one.bought, _PURCHASE)
        if call.name == "orders_placed":
            return self.rows(call, lambda one: one.placed, _ORDER)
        raise Invalid(f"Filter '{call.name}' cannot be found.")

    def rows(self, call: Call, read: Callable[[Shopper], Iterable[Any]], known: dict[str, str]) -> Holds:
        """Is there a row for which all of `each` hold, and do the totals of those rows hold?"""
        for clause in call.clauses:
            if clause.name not in known:
                raise Invalid(f"Filter '{call.name}' has no parameter '{clause.name}'.")
        each = [self.parameter(clause) for clause in call.clauses if clause.name not in _TOTALS]
        totals = [(_TOTAL[clause.name], self.number(clause)) for clause in call.clauses if clause.name in _TOTALS]

        def holds(one: Shopper) -> bool:
            rows = [row for row in read(one) if all(test(row) for test in each)]
            found = all(test(total(rows)) for total, test in totals) if totals else bool(rows)
            return found is call.wanted

        return holds

    def parameter(self, clause: Clause) -> Callable[[Any], bool]:
        if clause.name == "date":
            return self._of(lambda row: row.at, self.date(clause))
        if clause.name == "amount":
            return self._of(lambda row: row.worth, self.number(clause))
        if clause.name == "tag":
            (key,), tags, wanted = map(_text, clause.values), self.tags, clause.operator == "="
            return lambda row: (key.casefold() in tags.get(row.product, frozenset())) is wanted
        numbers = {int(_number(value)) for value in clause.values}
        if clause.operator not in ("=", "!=", "IN", "NOT IN"):
            raise Invalid(f"'{clause.name}' does not take {clause.operator}.")
        wanted = clause.operator in ("=", "IN")
        return lambda row: (row.product in numbers) is wanted

    def number(self, clause: Clause) -> Callable[[Any], bool]:
        values = [_number(value) for value in clause.values]
        return self._ordered(clause, [(value, value) for value in values], lambda value, span: value == span[0])

    def date(self, clause: Clause) -> Callable[[Any], bool]:
        spans = [self.days.span(value) for value in clause.values]
        return self._ordered(clause, spans, lambda value, span: span[0] <= value < span[1])

    def _ordered(
        self, clause: Clause, spans: list[tuple[Any, Any]], inside: Callable[[Any, tuple[Any, Any]], bool]
    ) -> Callable[[Any], bool]:
        """A span is the first point and the first one after it (of a number: both are the number itself)."""
        sign = clause.operator
        if sign in ("IS NULL", "IS NOT NULL"):
            return lambda value: (value is None) is (sign == "IS NULL")
        if sign == "=":
            return lambda value: value is not None and inside(value, spans[0])
        if sign == "!=":
            return lambda value: value is None or not inside(value, spans[0])
        if sign == "BETWEEN":
            (low, _), high = spans[0], spans[1]
            return lambda value: value is not None and value >= low and (value < high[1] or inside(value, high))
        if sign not in _SIGNS:
            raise Invalid(f"'{clause.name}' does not take {sign}.")
        if sign in (">", "<="):  # from, or up to, the end of the span
            return lambda value: (
                value is not None and ((value < spans[0][1] or inside(value, spans[0])) is (sign == "<="))
            )
        return lambda value: value is not None and bool(_SIGNS[sign](value, spans[0][0]))

    def contains(self, clause: Clause) -> Callable[[Any], bool]:
        if clause.operator in ("IS NULL", "IS NOT NULL"):
            return lambda held: (not held) is (clause.operator == "IS NULL")
        if clause.operator not in ("CONTAINS", "NOT CONTAINS"):
            raise Invalid(f"'{clause.name}' takes CONTAINS and NOT CONTAINS.")
        text = _text(clause.values[0])
        wanted = text.casefold() if clause.name == "customer_tags" else text
        return lambda held: (wanted in held) is (clause.operator == "CONTAINS")

    def same(self, clause: Clause) -> Callable[[Any], bool]:
        if clause.operator not in ("=", "!=", "IN", "NOT IN"):
            raise Invalid(f"'{clause.name}' does not take {clause.operator}.")
        texts = {_text(value) for value in clause.values}
        return lambda value: (value in texts) is (clause.operator in ("=", "IN"))

    @staticmethod
    def _of(read: Callable[[Any], Any], test: Callable[[Any], bool]) -> Callable[[Any], bool]:
        return lambda one: test(read(one))


_PURCHASE = dict.fromkeys(("id", "tag", "date", "count", "quantity", "sum_quantity"), "")
_ORDER = dict.fromkeys(("date", "amount", "count", "sum_amount"), "")


def _pieces(rows: list[Bought]) -> int:
    return sum(row.pieces for row in rows)


def _count(rows: list[Bought] | list[Placed]) -> int:
    """Orders: two lines of one are one."""
    return len({row.order if isinstance(row, Bought) else id(row) for row in rows})


_TOTAL: dict[str, Callable[[list[Any]], Any]] = {
    "count": _count,
    "quantity": _pieces,
    "sum_quantity": _pieces,
    "sum_amount": lambda rows: sum((row.worth for row in rows), Decimal(0)),
}


def _number(value: Token) -> Decimal:
    kind, text = value
    if kind != "number":
        raise Invalid(f"'{text}' is not a number.")
    return Decimal(text)


def _text(value: Token) -> str:
    kind, text = value
    if kind != "text":
        raise Invalid(f"'{text}' is not a text in single quotes.")
    return re.sub(r"\\(.)", r"\1", text[1:-1])
