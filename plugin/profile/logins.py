"""Who is logged in in a browser, as Shopify's signed proxy tells: a browser that changes hands is another person's.

Where there was a customer and now is none, somebody has logged out: the browser goes on as an anonymous person's, who
has nothing of the former but the browser. At the next log-in that person becomes the customer, as any visitor does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, exists, select

from plugin.store.engine import Tx
from plugin.store.tables import visitors

from . import identity, memberships
from .memberships import EVENT, Cause

LOGGED_OUT: Final = 0
"""In `visitors.logged_in_as`, where it is no customer's number: nobody is, and somebody was."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A visitor's row, and whose it is now."""

    visitor_id: int
    person_id: int
    is_new: bool
    """Nobody came with this token before."""
    changed: bool
    """It was somebody else's until now."""


def browser_of(tx: Tx, shop_id: int, *, visitor: str, customer_id: int | None, now: datetime) -> Browser:
    """The browser with this token and the person behind it, found or made; `customer_id`: who is logged in there, by
    Shopify's word, or nobody."""
    identity.hold(tx, shop_id)
    known = _known(shop_id, visitor)
    before = tx.execute(known).one_or_none()
    if before is not None and customer_id is None and before.logged_in_as:
        _log_out(tx, shop_id, before, now)
    person_id = identity.person_of(tx, shop_id, visitor=visitor, customer_id=customer_id, now=now)
    here = before or tx.execute(known).one()
    if customer_id is not None and here.logged_in_as != customer_id:
        tx.execute(visitors.update().where(visitors.c.id == here.id).values(logged_in_as=customer_id))
    return Browser(here.id, person_id, is_new=before is None, changed=here.person_id != person_id)


def has_logged_out(tx: Tx, shop_id: int, visitor: str) -> bool:
    """Somebody was logged in there, and nobody is now: what is known of the former tells nothing of who it is."""
    mine = visitors.c.shop_id == shop_id, visitors.c.token == visitor
    return bool(tx.execute(select(exists().where(*mine, visitors.c.logged_in_as == LOGGED_OUT))).scalar())


def _known(shop_id: int, visitor: str) -> Select[*tuple[Any, ...]]:
    found = select(visitors.c.id, visitors.c.person_id, visitors.c.logged_in_as)
    return found.where(visitors.c.shop_id == shop_id, visitors.c.token == visitor)


def _log_out(tx: Tx, shop_id: int, browser: Row[*tuple[Any, ...]], now: datetime) -> None:
    stranger = identity.new_anonymous(tx, shop_id, now)
    mine = visitors.update().where(visitors.c.id == browser.id)
    tx.execute(mine.values(person_id=stranger, logged_in_as=LOGGED_OUT, cart_token=None))
    memberships.mark(tx, shop_id, [stranger], Cause(EVENT, "somebody logged out in their browser"), now)
