"""What is asked once more at the moment of sending, for a whole batch at a time: are they still in the segment, does
the discount code hold, have they bought the product since, can it be bought?

Each question is one statement a batch, and none where no message of the batch needs it. Consent, limits and what an
automation's message is about are asked of every delivery where it is claimed; consent once more after that (agreed.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from plugin.automation.carts import LeftCart
from plugin.automation.moves import Moved
from plugin.automation.reasons import BOUGHT, CODE_OVER
from plugin.base.outcomes import Outcome
from plugin.campaign import matching, sending
from plugin.message.about import About, about
from plugin.message.content import Template
from plugin.profile import offers
from plugin.segment.errors import SegmentError
from plugin.store.engine import Tx

from .columns import Waiting
from .verdicts import Close, Wait

Said = dict[int, Close | Wait]
"""Delivery id → why it is not sent (now). Whoever is not named may go."""
LEFT_SEGMENT: Final = "They are not in the segment any more."


@dataclass(slots=True)
class Sent:
    """One message of the batch, and its deliveries."""

    shop_id: int
    timezone: str
    campaign_id: int | None
    about: About
    asks_stock: bool
    asks_purchase: bool
    rows: list[Waiting] = field(default_factory=list)
    since: dict[int, datetime] = field(default_factory=dict)
    """Delivery id → what was bought from then on counts."""


def look(tx: Tx, rows: Sequence[Waiting], subjects: Mapping[int, LeftCart | Moved], now: datetime) -> Said:
    """What is found out about `rows`; `subjects` by enrollment. A campaign whose code is over is paused here."""
    said: Said = {}
    for message in _messages(rows, subjects):
        for ask in (_codes, _segment, _offer):
            left = [row for row in message.rows if row.id not in said]
            if left:
                ask(tx, message, left, said, now)
    return said


def _messages(rows: Sequence[Waiting], subjects: Mapping[int, LeftCart | Moved]) -> Iterable[Sent]:
    """Those of which something could be asked; deliveries that go nowhere anyway are left out."""
    found: dict[tuple[int | None, int | None], Sent | None] = {}
    for row in rows:
        subject = subjects.get(row.enrollment_id or 0)
        if row.campaign != "sending" and (subject is None or subject.why_not or subject.paused):
            continue
        key = row.campaign_id, subject.automation_id if subject else None
        if key not in found:
            found[key] = _message(row, subject)
        if (message := found[key]) is not None:
            message.rows.append(row)
            message.since[row.id] = subject.since if isinstance(subject, Moved) else row.started_at
    return [message for message in found.values() if message is not None]


def _message(row: Waiting, subject: LeftCart | Moved | None) -> Sent | None:
    if subject is None:
        template = Template(row.title, row.body, row.url)
    else:
        template = Template(subject.title, subject.body, subject.url if isinstance(subject, Moved) else "")
    names = about(template, row.storefront_url or f"https://{row.domain}", row.domain)
    if isinstance(subject, LeftCart):
        asks = False, False  # its products are those of the cart: carts.py
    else:
        asks = (subject or row).asks_stock, (subject or row).asks_purchase
    if names == About() and not (row.campaign_id and row.segment_id and row.asks_segment):
        return None
    return Sent(row.shop_id, row.shop_timezone, row.campaign_id, names, *asks)


def _codes(tx: Tx, message: Sent, rows: list[Waiting], said: Said, now: datetime) -> None:
    names = message.about
    if not names.keys:
        return
    over = offers.over(tx, message.shop_id, names.linked, names.written, now, message.timezone)
    if not over:
        return
    reason = " ".join(each.sentence for each in over)
    if message.campaign_id is None:
        said |= {row.id: Close(Outcome.NO_LONGER_MATCHING, reason, CODE_OVER) for row in rows}
        return
    why = f"{reason} Change it in Shopify and go on, or go on to send the message with it as it is."
    if sending.halt_for_codes(tx, message.campaign_id, [each.key for each in over], why, now):
        said |= {row.id: Wait() for row in rows}


def _segment(tx: Tx, message: Sent, rows: list[Waiting], said: Said, now: datetime) -> None:
    one = rows[0]
    if message.campaign_id is None or one.segment_id is None or not one.asks_segment:
        return
    if now - one.started_at < matching.FRESH:
        return
    persons = [row.person_id for row in rows]
    try:
        still = matching.still_in(tx, message.shop_id, message.campaign_id, one.segment_id, persons, now)
    except SegmentError as error:
        sending.halt(tx, message.campaign_id, f"Its segment cannot be read any more: {error}", now)
        said |= {row.id: Wait() for row in rows}
        return
    gone = Close(Outcome.NO_LONGER_MATCHING, LEFT_SEGMENT)
    said |= {row.id: gone for row in rows if row.person_id not in still}


def _offer(tx: Tx, message: Sent, rows: list[Waiting], said: Said, now: datetime) -> None:
    names = message.about
    if not (names.handle or names.variants) or not (message.asks_stock or message.asks_purchase):
        return
    offer = offers.offer(tx, message.shop_id, names.handle, names.variants)
    if offer is None:
        return
    if message.asks_purchase:
        since = {row.id: message.since[row.id] for row in rows}
        persons = [row.person_id for row in rows]
        bought = offers.bought(tx, message.shop_id, offer.product_ids, persons, min(since.values()))
        have_it = Close(Outcome.ALREADY_BOUGHT, f"They have bought {offer.title} since.", BOUGHT)
        said |= {row.id: have_it for row in rows if (at := bought.get(row.person_id)) and at >= since[row.id]}
    if message.asks_stock and offer.why_not is not None:
        nothing = Close(Outcome.OUT_OF_STOCK, offer.sentence, offer.why_not)
        said |= {row.id: nothing for row in rows if row.id not in said}
