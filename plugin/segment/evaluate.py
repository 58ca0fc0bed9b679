"""Checked tree × one profile → does the person belong? The same answer as SQL's, without a database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plugin.profile.load import Profile
from plugin.store.types import decimals

from .checked import All, AnyOf, Asked, Checked, Condition, Inside, Inverse, Predicate, Rows, Subject
from .kinds import in_currency
from .operators import judge


def belongs(checked: Checked, profile: Profile) -> bool:
    """Is the person a member? Somebody deleted in Shopify is a member of nothing."""
    return not profile.deleted and holds(checked.condition, profile)


def holds(node: Condition, profile: Profile) -> bool:
    """Does a condition, or one clause of it, hold for the person?"""
    match node:
        case All(parts):
            return all(holds(part, profile) for part in parts)
        case AnyOf(parts):
            return any(holds(part, profile) for part in parts)
        case Inverse(part):
            return not holds(part, profile)
        case Inside():
            return holds(node.condition, profile) is not node.negated
        case Asked():
            return node.question.read(profile, *node.arguments) is not node.negated
        case Predicate():
            return _holds(node, node.subject.read(profile), decimals(profile.currency))
        case Rows():
            rows = matching(node, profile)
            places = decimals(profile.currency)
            found = all(_holds(test, test.subject.read(rows), places) for test in node.totals)
            return (found and (bool(rows) or bool(node.totals))) is not node.negated


def matching(node: Rows, profile: Profile) -> Sequence[Any]:
    """The person's rows that all tests of single rows let through."""
    places = decimals(profile.currency)
    return [
        row
        for row in node.function.read(profile)
        if all(_holds(test, test.subject.read(row), places) for test in node.each)
    ]


def holds_for_none(node: Rows) -> bool:
    """Do the totals hold for somebody without a matching row, whose totals are 0 in any currency?"""
    return all(_holds(test, 0, places=0) for test in node.totals)


def _holds(test: Predicate[Subject], value: Any, places: int) -> bool:
    return judge(test.operator, value, tuple(in_currency(operand.meaning, places) for operand in test.operands))
