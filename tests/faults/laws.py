"""What must hold at the end of every run, whatever was done. Each law gives the sentences that say how it is broken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from plugin.base.outcomes import FINAL
from plugin.report import funnel
from plugin.store.engine import snapshot
from plugin.store.tables import deliveries, enrollments, subscriptions

from .browser import Screen, title_of
from .plan import Person
from .push_service import GONE, Taken
from .run import Recipient, Run

Rows = Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Ending:
    """Everything that is known when a run is over; the browsers are still asleep."""

    run: Run
    report: funnel.CampaignReport | None
    deliveries: Rows
    enrollments: Rows
    subscriptions: dict[int, str]
    """Id → state."""
    taken: dict[str, list[Taken]]
    """A browser's token → what its push service wrote down."""

    @property
    def everybody(self) -> list[tuple[Recipient, Person]]:
        return list(zip(self.run.recipients, self.run.plan.people, strict=True))

    def titles_for(self, person: Person) -> list[str]:
        """The messages that are meant for them."""
        campaign = [self.run.campaign_title] if self.run.plan.campaign else []
        return campaign + ([self.run.cart_title] if person.has_cart else [])


def read(run: Run, taken: Sequence[Taken]) -> Ending:
    """The end of a run."""
    mine = {table: table.c.shop_id == run.shop_id for table in (deliveries, enrollments, subscriptions)}
    by_token: defaultdict[str, list[Taken]] = defaultdict(list)
    for each in taken:
        by_token[each.token].append(each)
    with snapshot() as tx:
        return Ending(
            run,
            funnel.campaign(tx, run.shop_id, run.campaign_id) if run.campaign_id is not None else None,
            tx.execute(select(deliveries).where(mine[deliveries])).all(),
            tx.execute(select(enrollments).where(mine[enrollments])).all(),
            dict(tx.execute(select(subscriptions.c.id, subscriptions.c.state).where(mine[subscriptions])).all()),  # type: ignore[arg-type]
            by_token,
        )


def broken(ending: Ending) -> list[str]:
    """How the laws are broken; empty when they hold."""
    return [
        *one_outcome(ending),
        *sums_add_up(ending),
        *nothing_is_lost(ending),
        *nothing_is_shown_twice(ending),
        *sent_was_accepted(ending),
        *gone_and_nobody_else(ending),
    ]


def one_outcome(end: Ending) -> Iterator[str]:
    """Every person has exactly one outcome for each message: `sent`, or `gone` where the browser is.

    Whose browser was found gone by one message may be left out of the other, which begins later.
    """
    campaign = [row for row in end.deliveries if row.campaign_id is not None]
    carts = {row.id: row for row in end.enrollments}
    reminders = [row for row in end.deliveries if row.enrollment_id is not None]
    of_campaign = Counter(row.person_id for row in campaign)
    of_carts = Counter(row.enrollment_id for row in reminders)
    for row in end.deliveries:
        if row.state not in FINAL:
            yield f"delivery {row.id} has no outcome: {row.state}"
    for recipient, person in end.everybody:
        fair = {"sent", "gone"} if person.gone else {"sent"}
        mine = [row for row in end.deliveries if row.person_id == recipient.person_id]
        for row in mine:
            if row.state in FINAL and row.state not in fair:
                yield f"person {recipient.person_id} ended in {row.state} ({row.reason}), not in {fair}"
        meant = 1 if end.run.plan.campaign else 0
        if of_campaign[recipient.person_id] not in ({0, meant} if person.gone else {meant}):
            yield f"person {recipient.person_id} has {of_campaign[recipient.person_id]} outcomes of the campaign"
        if person.has_cart and recipient.person_id not in {row.person_id for row in carts.values()}:
            yield f"person {recipient.person_id} was never enrolled"
    gone = {recipient.person_id for recipient, person in end.everybody if person.gone}
    for row in end.enrollments:
        stopped = row.state == "stopped" and row.person_id in gone
        if of_carts[row.id] != 1 and not (stopped and of_carts[row.id] == 0):
            yield f"enrollment {row.id} ({row.state}, {row.reason}) has {of_carts[row.id]} outcomes"


def sums_add_up(end: Ending) -> Iterator[str]:
    """The report's outcomes are as many as the audience, and as many as there are rows."""
    if end.report is None:
        return
    rows = sum(row.campaign_id is not None for row in end.deliveries)
    summed = sum(share.people for share in end.report.outcomes)
    if not end.report.audience == summed == rows:
        yield f"{rows} deliveries, an audience of {end.report.audience}, outcomes of {summed}"


def nothing_is_lost(end: Ending) -> Iterator[str]:
    """Whoever can be reached has every message that is meant for them, and can read it."""
    for recipient, person in end.everybody:
        if person.gone:
            continue
        taken = [one for one in end.taken[recipient.subscribed.token] if one.state in ("stored", "delivered")]
        there = {title_of(one.message) for one in taken}
        for title in end.titles_for(person):
            if title not in there:
                yield f"person {recipient.person_id} never got “{title}”"
        for title in there - set(end.titles_for(person)):
            yield f"person {recipient.person_id} got “{title}”, which was not for them"


def nothing_is_shown_twice(end: Ending) -> Iterator[str]:
    """A sleeping browser is handed one copy, and an awake one shows one notification, once."""
    for recipient, _ in end.everybody:
        taken = end.taken[recipient.subscribed.token]
        waiting = Counter(title_of(one.message) for one in taken if one.state == "stored")
        screen = Screen(one.message for one in taken if one.state in ("stored", "delivered"))
        for what, counted in (("waits", waiting), ("is shown", screen.visible), ("alerts", screen.alerts)):
            for title, times in counted.items():
                if times > 1:
                    yield f"“{title}” {what} {times} times for person {recipient.person_id}"


def sent_was_accepted(end: Ending) -> Iterator[str]:
    """The push service took each message that is recorded as sent, under its own name."""
    token_of = {recipient.subscription_id: recipient.subscribed.token for recipient in end.run.recipients}
    for row in end.deliveries:
        taken = end.taken.get(token_of.get(row.subscription_id, ""), [])
        if row.state == "sent" and not any(one.status == 201 and one.topic == row.token for one in taken):
            yield f"delivery {row.id} is said to be sent, and no push service took it"


def gone_and_nobody_else(end: Ending) -> Iterator[str]:
    """A subscription ends when its service said so, and only then."""
    for recipient, _ in end.everybody:
        said_gone = any(one.status in GONE for one in end.taken[recipient.subscribed.token])
        state, said = end.subscriptions[recipient.subscription_id], "said" if said_gone else "never said"
        if state != ("gone" if said_gone else "active"):
            yield f"subscription {recipient.subscription_id} is {state}; its service {said} gone"
