"""News becomes profiles, and what follows from it is written: all in one transaction, whoever brings the news."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from plugin.automation import moves, triggers
from plugin.delivery import departure
from plugin.ingest import shops
from plugin.ingest.events import Event, ShopChanged
from plugin.profile import classes
from plugin.profile.apply import Changes, apply
from plugin.profile.memberships import EVENT, Cause
from plugin.report import attribution
from plugin.segment import membership
from plugin.segment.membership import happenings
from plugin.store.engine import Tx

PRODUCTS: Final = frozenset({"orders", "views", "cart_lines"})
"""Parts of a profile in which products stand with their tags, vendors and types."""
VIEWS: Final = frozenset({"views"})
"""In which collections stand with their names."""


def take(tx: Tx, shop_id: int, events: Sequence[Event], at: datetime, *, also: Collection[int] = ()) -> Changes:
    """News of a shop, in one transaction: whom it concerns is brought up to date, it is applied, and what follows is
    written. `also`: people to whom something else has happened in this transaction."""
    before(tx, shop_id, events, at)
    calendar = _calendar(tx, shop_id, events)
    changes = apply(tx, shop_id, events, now=at)
    if calendar != _calendar(tx, shop_id, events):
        membership.settle_again(tx, shop_id, at)
    consequences(tx, shop_id, replace(changes, people=changes.people.union(also)), at, events=events)
    return changes


def before(tx: Tx, shop_id: int, events: Sequence[object], at: datetime, *, also: Collection[int] = ()) -> None:
    """Those of whom we are about to learn something, and whose time has come meanwhile, enter and leave first: to the
    second at which they did, by what was known then."""
    if membership.anybody_due(tx, shop_id, at):
        people = {*membership.people_named(tx, shop_id, events), *also}
        moves.moved(tx, shop_id, membership.catch_up(tx, shop_id, people, at), at)


def _calendar(tx: Tx, shop_id: int, events: Sequence[Event]) -> tuple[str, str] | None:
    """What days and amounts in segments mean, where news of the shop itself may change it."""
    if not any(isinstance(event, ShopChanged) for event in events):
        return None
    shop = shops.by_id(tx, shop_id)
    return shop.timezone, shop.currency


def consequences(
    tx: Tx,
    shop_id: int,
    changes: Changes,
    at: datetime,
    *,
    events: Sequence[Event] = (),
    leave_to_clock: str | None = None,
) -> None:
    """profile → here, in the same transaction: orders are credited and end reminders, carts begin them; who entered or
    left a segment is kept, at once, or (of many at a time) by the clock with the cause `leave_to_clock`; a shop that
    left sends nothing any more."""
    if changes.left:
        departure.stop_sending(tx, shop_id, at)
    attribution.credit(tx, shop_id, changes.orders, at)
    triggers.stop_bought(tx, shop_id, changes.orders, at)
    triggers.enroll(tx, shop_id, changes.carts, at)
    if leave_to_clock is not None:
        membership.mark(tx, shop_id, changes.people, Cause(leave_to_clock), at)
    elif changes.people:
        reasons = partial(_reasons, tx, shop_id, events)
        moved = membership.judge_people(tx, shop_id, changes.people, at, Cause(EVENT), reasons)
        moves.moved(tx, shop_id, moved, at)
    if changes.reclassified and membership.reads(tx, shop_id, PRODUCTS):
        concerned = classes.concerned(shop_id, changes.reclassified)
        membership.mark_those(tx, shop_id, concerned, Cause(EVENT, "a product changed"), at)
    if changes.renamed and membership.reads(tx, shop_id, VIEWS):
        lookers = classes.lookers(shop_id, changes.renamed)
        membership.mark_those(tx, shop_id, lookers, Cause(EVENT, "a collection changed"), at)


def _reasons(tx: Tx, shop_id: int, events: Sequence[Event], people: Collection[int]) -> dict[int, str]:
    """What happened to each of these people, in words."""
    named = membership.people_named(tx, shop_id, events)
    return {one: said for one in people if (said := happenings.said(named.get(one, ())))}
