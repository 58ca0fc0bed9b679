"""A batch of events finds its people and becomes rows: one transaction, one result for each event in its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin import news
from plugin.ingest.events import ToldElsewhere
from plugin.profile import custom_events, identity
from plugin.store.engine import Tx

from .bodies import Item, Unfit

KEPT, KNOWN, REFUSED = "kept", "known", "refused"
NO_EMAILS = (
    'This shop does not keep e-mail addresses: send "customer_id" or "visitor", or switch e-mails on in Settings.'
)
NO_CUSTOMER = "No customer with this e-mail address is known. Beckon makes nobody of an address alone."
NO_VISITOR = "No browser of this shop has this visitor token."
FORGOTTEN = "The person was erased on request. Nothing of them is kept."


@dataclass(frozen=True, slots=True)
class Result:
    event_id: str | None
    status: str
    error: str | None = None


def tell(tx: Tx, shop_id: int, items: Sequence[Item | Unfit], now: datetime, *, keeps_email: bool) -> list[Result]:
    """Keeps what can be kept, and what follows of it."""
    identity.hold(tx, shop_id)
    whole = [one for one in items if isinstance(one, Item)]
    emails = {one.email for one in whole if one.email}
    by_email = custom_events.customers_by_email(tx, shop_id, emails) if keeps_email and emails else {}
    browsers = custom_events.visitors_among(tx, shop_id, {one.visitor for one in whole if one.visitor})
    before = custom_events.known(tx, shop_id, [one.event_id for one in whole])
    results: list[Result] = []
    events: list[ToldElsewhere] = []
    for one in items:
        if isinstance(one, Unfit):
            results.append(Result(one.event_id, REFUSED, one.sentence))
            continue
        why = _refused(one, by_email, browsers, keeps_email=keeps_email)
        if why:
            results.append(Result(one.event_id, REFUSED, why))
        elif one.event_id in before:
            results.append(Result(one.event_id, KNOWN))
        else:
            results.append(Result(one.event_id, KEPT))
            events.append(_event(one, by_email))
    changes = news.take(tx, shop_id, events, now)
    gone = {event.event_id for event in changes.forgotten if isinstance(event, ToldElsewhere)}
    return [Result(one.event_id, REFUSED, FORGOTTEN) if one.event_id in gone else one for one in results]


def _refused(one: Item, by_email: dict[str, int], browsers: set[str], *, keeps_email: bool) -> str | None:
    if one.email and not keeps_email:
        return NO_EMAILS
    if one.email and one.email not in by_email:
        return NO_CUSTOMER
    return NO_VISITOR if one.visitor and one.visitor not in browsers else None


def _event(one: Item, by_email: dict[str, int]) -> ToldElsewhere:
    customer_id = by_email[one.email] if one.email else one.customer_id
    return ToldElsewhere(one.event_id, customer_id, one.visitor, one.name, one.at, one.value, one.text)
