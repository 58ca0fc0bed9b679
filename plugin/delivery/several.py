"""A message to all browsers of somebody who has several: how it stands with each, and what that makes of the delivery.

The delivery is claimed, retried and closed as any other, once for all of its browsers; a row for each browser says who
has it already, so that a second try goes to the others alone. It ends when no browser waits any more:

| its browsers                | the delivery                               |
|-----------------------------|--------------------------------------------|
| one took it                 | sent, whatever became of the others        |
| all are gone                | gone                                       |
| none took it, one refused   | rejected                                   |

Who has one browser has no rows here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, exists, literal, or_, select, update

from plugin.base.outcomes import Outcome
from plugin.store.engine import Tx
from plugin.store.tables import deliveries, delivery_browsers, subscriptions
from plugin.store.upsert import among, insert_selected

from .outcome import Answer, Said

Browser = Row[*tuple[Any, ...]]
"""One that is to get it: what a push needs of a subscription, `browser`, and how it stands with it."""

ANSWERED: Final = {Said.SENT: "sent", Said.GONE: "gone", Said.TOO_LONG: "rejected", Said.REJECTED: "rejected"}
"""What an answer makes of a browser; the others leave it waiting."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a delivery stands with its browsers. `reason`, `status`: of the next to be tried, or of what it ends in."""

    due_at: datetime | None
    """The next of them is tried then; None when none waits."""
    outcome: Outcome
    """What it ends in when no more is tried."""
    reason: str | None
    status: int | None

    @property
    def is_taken(self) -> bool:
        return self.outcome is Outcome.SENT


def write(tx: Tx, delivery_ids: Collection[int], now: datetime) -> None:
    """A row for each browser that these messages are to reach; where there is only one, and never were more, none."""
    here, other = subscriptions.c, subscriptions.alias().c
    more = exists().where(other.person_id == here.person_id, other.state == "active", other.id != here.id)
    begun = exists().where(delivery_browsers.c.delivery_id == deliveries.c.id)
    rows = (
        select(
            deliveries.c.shop_id,
            deliveries.c.id.label("delivery_id"),
            here.id.label("subscription_id"),
            literal("waiting").label("state"),
            literal(now, delivery_browsers.c.due_at.type).label("due_at"),
            literal(now, delivery_browsers.c.at.type).label("at"),
        )
        .select_from(deliveries)
        .join(subscriptions, and_(here.person_id == deliveries.c.person_id, here.state == "active"))
        .where(among(deliveries.c.id, delivery_ids), or_(more, begun))
        .order_by(deliveries.c.id, here.id)  # two workers never wait for each other
    )
    insert_selected(tx, delivery_browsers, rows)


def waiting(tx: Tx, delivery_ids: Collection[int]) -> dict[int, list[Browser]]:
    """Delivery → its browsers that do not have it yet and still agree; those without rows are not in it."""
    of = delivery_browsers.c
    rows = tx.execute(
        select(
            of.id.label("browser"),
            of.delivery_id,
            of.state,
            of.reason,
            of.due_at,
            _is_there().label("is_there"),
            subscriptions.c.id.label("subscription_id"),
            subscriptions.c.endpoint,
            subscriptions.c.service,
            subscriptions.c.p256dh,
            subscriptions.c.auth,
        )
        .join(deliveries, deliveries.c.id == of.delivery_id)
        .join(subscriptions, subscriptions.c.id == of.subscription_id)
        .where(among(of.delivery_id, delivery_ids))
        .order_by(of.id)
    )
    found: dict[int, list[Browser]] = {}
    for row in rows:
        its = found.setdefault(row.delivery_id, [])
        if row.state == "waiting" and row.is_there:
            its.append(row)
    return found


def put_off(tx: Tx, later: Mapping[int, tuple[datetime, str]]) -> None:
    """Browser → not before, and why."""
    rows = [{"its_id": key, "its_due": until, "its_reason": why} for key, (until, why) in later.items()]
    _write_each(tx, rows, due_at="its_due", reason="its_reason")


def note(
    tx: Tx, answers: Sequence[Answer], lost: Collection[int], again: Mapping[int, datetime], now: datetime
) -> None:
    """Writes down what became of each; `lost`: subscriptions that are gone; `again`: browser → when it is tried anew.
    That a service took it stays true, whatever a slower worker heard; and a browser whose endpoint was replaced since
    is not gone with the former one."""
    alike: dict[tuple[str, str | None, int | None], list[int]] = defaultdict(list)
    for answer in answers:
        if answer.said in ANSWERED:
            state = ANSWERED[answer.said]
            alike[state, None if state == "sent" else answer.reason, answer.status].append(answer.browser)
    for (state, reason, status), ids in alike.items():
        still = [among(delivery_browsers.c.id, ids), delivery_browsers.c.state != "sent"]
        still += [among(delivery_browsers.c.subscription_id, lost)] if state == "gone" else []
        its = update(delivery_browsers).where(*still)
        tx.execute(its.values(state=state, reason=reason, status=status, at=now))
    waits = [
        {"its_id": one.browser, "its_due": again[one.browser], "its_reason": one.reason, "its_status": one.status}
        for one in answers
        if one.browser in again
    ]
    _write_each(tx, waits, due_at="its_due", reason="its_reason", status="its_status")


def standing(tx: Tx, delivery_ids: Collection[int]) -> dict[int, Standing]:
    """How each stands now."""
    of = delivery_browsers.c
    rows = tx.execute(
        select(of.delivery_id, of.state, of.reason, of.status, of.due_at, _is_there().label("is_there"))
        .join(deliveries, deliveries.c.id == of.delivery_id)
        .join(subscriptions, subscriptions.c.id == of.subscription_id)
        .where(among(of.delivery_id, delivery_ids))
        .order_by(of.id)
    )
    of_delivery: dict[int, list[Browser]] = defaultdict(list)
    for row in rows:
        of_delivery[row.delivery_id].append(row)
    return {key: _sum(some) for key, some in of_delivery.items()}


def note_taken(tx: Tx, delivery_ids: Collection[int], now: datetime) -> None:
    """One browser has it while others wait: from now on they are sent, however it ends."""
    if delivery_ids:
        mine = update(deliveries).where(among(deliveries.c.id, delivery_ids), deliveries.c.taken_at.is_(None))
        tx.execute(mine.values(taken_at=now))


def forget(tx: Tx, delivery_ids: Collection[int]) -> None:
    """They begin anew, with whatever browsers there are then."""
    tx.execute(delivery_browsers.delete().where(among(delivery_browsers.c.delivery_id, delivery_ids)))


def _write_each(tx: Tx, rows: Sequence[Mapping[str, Any]], **columns: str) -> None:
    """Of those that still wait."""
    if rows:
        waits = delivery_browsers.c.id == bindparam("its_id"), delivery_browsers.c.state == "waiting"
        values: dict[str, Any] = {name: bindparam(parameter) for name, parameter in columns.items()}
        tx.execute(update(delivery_browsers).where(*waits).values(values), rows)


def _is_there() -> Any:
    """It still agrees, and is still this person's."""
    return and_(subscriptions.c.state == "active", subscriptions.c.person_id == deliveries.c.person_id)


def _sum(browsers: Sequence[Browser]) -> Standing:
    of_state = {one.state: one for one in reversed(browsers)}  # the first of each
    ended = of_state.get("sent") or of_state.get("rejected") or of_state.get("gone")
    outcome = Outcome(ended.state) if ended else Outcome.GONE
    waits = [one for one in browsers if one.state == "waiting" and one.is_there]
    if not waits:
        reason = ended.reason if ended else None
        return Standing(None, outcome, reason, ended.status if ended else None)
    first = min(waits, key=lambda one: one.due_at)
    status = ended.status if ended and outcome is Outcome.SENT else first.status
    return Standing(first.due_at, outcome, first.reason, status)
