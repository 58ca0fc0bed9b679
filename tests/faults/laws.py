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
from plugin.store.tables import deliveries, delivery_browsers, enrollments, subscriptions

from .browser import Screen, title_of
from .plan import Person
from .push_service import GONE, Taken
from .run import Device, Recipient, Run

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
    browsers: Rows
    """Of messages to several browsers, how they stand with each."""
    taken: dict[str, list[Taken]]
    """A browser's token → what its push service wrote down."""

    @property
    def everybody(self) -> list[tuple[Recipient, Person]]:
        return list(zip(self.run.recipients, self.run.plan.people, strict=True))

    @property
    def devices(self) -> list[tuple[int, Device]]:
        """Every browser with its person."""
        return [(each.person_id, device) for each in self.run.recipients for device in each.devices]

    def titles_in(self, device: Device) -> set[str]:
        """The messages that this browser's service has taken."""
        taken = self.taken[device.subscribed.token]
        return {title_of(one.message) for one in taken if one.state in ("stored", "delivered")}

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
            tx.execute(select(delivery_browsers).where(delivery_browsers.c.shop_id == run.shop_id)).all(),
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
        *a_message_to_several_ends_as_they_do(ending),
        *gone_and_nobody_else(ending),
    ]


def one_outcome(end: Ending) -> Iterator[str]:
    """Every person has exactly one outcome for each message: `sent`, or `gone` where all of their browsers are.

    Whose browsers were found gone by one message may be left out of the other, which begins later.
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
    """Whoever can be reached has every message that is meant for them, and can read it: in each of their browsers, or
    in the first that is not gone. One that is gone may have taken it before it said so."""
    for recipient, person in end.everybody:
        meant = set(end.titles_for(person))
        reached = person.reached(all_browsers=end.run.plan.all_browsers)
        there = {device.subscription_id: end.titles_in(device) for device in recipient.devices}
        before = set[str]().union(*(there[each.subscription_id] for each in recipient.devices if each.browser.gone))
        for device in recipient.devices:
            here = there[device.subscription_id]
            is_reached = any(device.browser is one for one in reached)
            if is_reached:
                for title in meant - here - (set() if end.run.plan.all_browsers else before):
                    yield f"person {recipient.person_id} never got “{title}” in browser {device.subscription_id}"
            for title in here - (meant if is_reached or device.browser.gone else set()):
                yield f"person {recipient.person_id} got “{title}” in browser {device.subscription_id}, wrongly"


def nothing_is_shown_twice(end: Ending) -> Iterator[str]:
    """A sleeping browser is handed one copy, and an awake one shows one notification, once."""
    for person_id, device in end.devices:
        taken = end.taken[device.subscribed.token]
        waiting = Counter(title_of(one.message) for one in taken if one.state == "stored")
        screen = Screen(one.message for one in taken if one.state in ("stored", "delivered"))
        for what, counted in (("waits", waiting), ("is shown", screen.visible), ("alerts", screen.alerts)):
            for title, times in counted.items():
                if times > 1:
                    yield f"“{title}” {what} {times} times for person {person_id}"


def sent_was_accepted(end: Ending) -> Iterator[str]:
    """The push service took each message that is recorded as sent, under its own name; so for each browser of it."""
    token_of = {device.subscription_id: device.subscribed.token for _, device in end.devices}
    topic_of = {row.id: row.token for row in end.deliveries}
    several = {row.delivery_id for row in end.browsers}
    sent = [(row.id, row.subscription_id) for row in end.deliveries if row.state == "sent" and row.id not in several]
    sent += [(row.delivery_id, row.subscription_id) for row in end.browsers if row.state == "sent"]
    for delivery_id, subscription_id in sent:
        taken = end.taken.get(token_of.get(subscription_id, ""), [])
        if not any(one.status == 201 and one.topic == topic_of[delivery_id] for one in taken):
            yield f"delivery {delivery_id} is said to be sent to {subscription_id}, and no push service took it"


def a_message_to_several_ends_as_they_do(end: Ending) -> Iterator[str]:
    """It is sent if one browser has it, gone if all are, and none that is there waits when it is over."""
    of_delivery: defaultdict[int, set[str]] = defaultdict(set)
    for row in end.browsers:
        if row.state != "waiting" or end.subscriptions[row.subscription_id] == "active":
            of_delivery[row.delivery_id].add(row.state)
    for row in end.deliveries:
        states = of_delivery.get(row.id)
        fair = {"sent"} if states and "sent" in states else {"gone"}
        if states and (row.state not in fair or "waiting" in states):
            yield f"delivery {row.id} is {row.state}, and its browsers are {sorted(states)}"


def gone_and_nobody_else(end: Ending) -> Iterator[str]:
    """A subscription ends when its service said so, and only then."""
    for _, device in end.devices:
        said_gone = any(one.status in GONE for one in end.taken[device.subscribed.token])
        state, said = end.subscriptions[device.subscription_id], "said" if said_gone else "never said"
        if state != ("gone" if said_gone else "active"):
            yield f"subscription {device.subscription_id} is {state}; its service {said} gone"
