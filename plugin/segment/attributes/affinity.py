"""What somebody seems to like, inferred from what they bought and looked at. docs/decisions/0041-habits.md."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, select

from plugin.profile.habits import BANDS
from plugin.profile.load import Profile
from plugin.segment.kinds import Kind, choice
from plugin.store.tables import habits, people

from .shape import Attribute, column, reads


def _inferred(name: str, kind: Kind, of: Column[Any], read: Callable[[Profile], Any], *, verb: str) -> Attribute:
    return Attribute(
        name,
        kind,
        column(of),
        read,
        reads=reads("habits"),
        verb=verb,
        noun=f"a {name.replace('_', ' ')}",
        rows=lambda shop_id: _known(shop_id, of),
    )


def _known(shop_id: int, of: Column[Any]) -> Select[tuple[int]]:
    return select(habits.c.person_id).where(habits.c.shop_id == shop_id, of.is_not(None))


def _discounted(shop_id: int) -> ColumnElement[bool]:
    return people.c.id.in_(_known(shop_id, habits.c.discounts).where(habits.c.discounts))


ENTRIES = (
    _inferred(
        "favourite_category",
        Kind.TEXT,
        habits.c.category,
        lambda profile: profile.habits.category,
        verb="buy most of the category",
    ),
    _inferred(
        "favourite_vendor",
        Kind.TEXT,
        habits.c.vendor,
        lambda profile: profile.habits.vendor,
        verb="buy most of the vendor",
    ),
    _inferred(
        "favourite_price_band",
        choice("a price band", BANDS, name="price band"),
        habits.c.price_band,
        lambda profile: profile.habits.price_band,
        verb="buy most in the price band",
    ),
    _inferred(
        "favourite_hour",
        Kind.INTEGER,
        habits.c.hour,
        lambda profile: profile.habits.hour,
        verb="order most often at the hour",
    ),
    _inferred(
        "favourite_weekday",
        Kind.INTEGER,
        habits.c.weekday,
        lambda profile: profile.habits.weekday,
        verb="order most often on weekday",
    ),
    _inferred(
        "most_viewed_product",
        Kind.ID,
        habits.c.most_viewed,
        lambda profile: profile.habits.most_viewed,
        verb="looked most often at product",
    ),
    Attribute(
        "discount_buyer",
        Kind.BOOLEAN,
        _discounted,
        lambda profile: bool(profile.habits.discounts),
        reads=reads("habits"),
        verb="had a discount on at least half of their orders",
    ),
)
