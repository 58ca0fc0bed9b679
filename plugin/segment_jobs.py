"""Jobs about segments: who enters and leaves as time goes by, Shopify's list of them, the same members there?, and
what sets one apart.

As in jobs.py, each may run twice, late, or never: rows decide, and the clock brings back what was lost.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from plugin.automation import moves
from plugin.base.clock import now
from plugin.base.errors import BeckonError, Disconnected, Unavailable
from plugin.ingest import access, segment_members, segments, shops
from plugin.ingest.events import ShopifySegmentChanged
from plugin.ingest.segment_members import OnlyWorkedOff, Question
from plugin.profile import cycle, habits, identity, measures
from plugin.profile.apply import apply
from plugin.queue import HISTORY, SEGMENTS, enqueue
from plugin.report import insight, insight_kept
from plugin.report.insight_steps import STEPS
from plugin.segment import comparison, imports, membership
from plugin.segment.comparison import Check
from plugin.store.engine import Tx, snapshot, transaction

log = logging.getLogger(__name__)

ENOUGH = timedelta(minutes=1)
"""So long one comparison, or the measures of one shop, keep a worker before others have their turn."""
PAGES_A_JOB = 20
"""So long one saved segment does: 10,000 people."""
PATIENCE = timedelta(hours=1)
"""So long a comparison waits for a Shopify that is away."""


def judge_due(shop_id: int, person_ids: list[int]) -> None:
    """People for whom time has come, or who were left to the clock."""
    with transaction() as tx:
        moves.moved(tx, shop_id, membership.catch_up(tx, shop_id, person_ids, now()), now())


def settle_segment(segment_id: int) -> None:
    """Everybody's timers learn of a segment that was saved, and whom time moved meanwhile is moved: some pages, each
    its own transaction."""
    for _ in range(PAGES_A_JOB):
        with transaction() as tx:
            page = membership.settle_timers(tx, segment_id, now())
            if page is None:
                return
            moves.moved(tx, page.shop_id, page.changes, now())
    enqueue(SEGMENTS, settle_segment, segment_id)


def check_memberships(shop_id: int) -> None:
    """The night's check: is who is kept as a member whom SQL answers? Whoever was not is where they belong after it;
    that ends what waits for them, and starts nothing."""
    with transaction() as tx:
        membership.nightly.begin(tx, shop_id, now())
    until, going_on = now() + ENOUGH, True
    while going_on and now() <= until:
        going_on = _check_a_page(shop_id)
    if going_on:
        enqueue(HISTORY, check_memberships, shop_id)


def _check_a_page(shop_id: int) -> bool:
    """False when everything is compared, by this job or by another. What is read is read from one state, at one
    instant after it."""
    with snapshot() as tx:
        place = membership.nightly.place(tx, shop_id)
        found = membership.nightly.look(tx, place, now()) if place else None
    if place is None:
        return False
    with transaction() as tx:
        moves.moved(tx, shop_id, membership.nightly.keep(tx, place, found, now()), now())
    return place.segment_id is not None


def measure(shop_id: int) -> None:
    """The night's measures of a shop; then everybody's group and habits by them, page by page."""
    with transaction() as tx:
        measures.begin(tx, shop_id, now())
    until, going_on = now() + ENOUGH, True
    while going_on and now() <= until:
        with transaction() as tx:
            going_on = group_a_page(tx, shop_id)
    if going_on:
        enqueue(HISTORY, measure, shop_id)


def group_a_page(tx: Tx, shop_id: int) -> bool:
    """False when everybody is grouped."""
    identity.hold(tx, shop_id)
    ids = measures.next_page(tx, shop_id)
    if not ids:
        measures.finish(tx, shop_id, now())
        return False
    measured = measures.of(tx, shop_id)
    moved = cycle.recompute(tx, shop_id, ids, measured) | habits.recompute_page(tx, shop_id, ids, measured)
    membership.mark(tx, shop_id, moved, membership.Cause("event", "the night's groups and habits"), now())
    return True


def read_segments(shop_id: int) -> None:
    """The merchant's segments at Shopify, for import: once, and when asked. Webhooks tell what changes."""
    asked_at, trouble = now(), None
    listed: list[ShopifySegmentChanged] = []
    try:
        listed = segments.read(access.client_for(shop_id))
    except BeckonError as error:
        log.warning("the segments of shop %s are not read: %s", shop_id, error)
        trouble = str(error)
    with transaction() as tx:
        if trouble is None:
            apply(tx, shop_id, [*listed, *segments.absent(tx, shop_id, listed, asked_at)], now=now())
        segments.note(tx, shop_id, now(), trouble)


def follow_segment(shop_id: int, shopify_id: int) -> None:
    """A segment that is kept in step was changed in Shopify."""
    with transaction() as tx:
        imports.follow(tx, shop_id, shopify_id, now())


def check_members(check_id: int) -> None:
    """Reads Shopify's members of a segment page by page, then compares them with ours."""
    with transaction() as tx:
        check = comparison.claim(tx, check_id, now())
    if check is None:
        return
    go_on = False
    try:
        go_on = _read_members(check)
    except BeckonError as error:
        may_pass = isinstance(error, Unavailable) and not isinstance(error, Disconnected)
        if may_pass and now() < check.asked_at + PATIENCE:
            log.warning("the members of a segment wait, the clock will go on with them: %s", error)
            return
        with transaction() as tx:
            comparison.fail(tx, check_id, str(error), now())
    finally:
        with transaction() as tx:
            comparison.release(tx, check_id)
    if go_on:
        enqueue(HISTORY, check_members, check_id)


def _read_members(check: Check) -> bool:
    """True when the next step can be taken at once. Raises Unavailable to try later, BeckonError to give up."""
    client = access.client_for(check.shop_id)
    with snapshot() as tx:
        timezone = shops.by_id(tx, check.shop_id).timezone
    question = Question(check.query, timezone, check.shopify_id, check.members_query)
    if check.members_query and not check.theirs and not segment_members.is_done(client, check.members_query):
        return False  # the clock looks again
    until = now() + ENOUGH
    while now() < until:
        try:
            page = segment_members.page(client, question, check.cursor)
        except OnlyWorkedOff:
            asked = segment_members.ask(client, question)
            with transaction() as tx:
                comparison.is_worked_off(tx, check.id, asked)
            return True
        with transaction() as tx:
            check = comparison.keep(tx, check, page.customer_ids, page.after, page.expected, now())
            if page.after is None:
                comparison.judge(tx, check, now())
                return False
    return True


def count_insight(insight_id: int) -> None:
    """Counts what sets a segment apart, all of it from one state of the database, and tells how far it is."""
    with transaction() as tx:
        asked = insight_kept.claim(tx, insight_id, now())
    if asked is None:
        return
    at = now()
    try:
        with snapshot() as tx:
            counting = insight.begin(tx, asked.shop_id, asked.segment_id, at)
            for done, step in enumerate(STEPS, start=1):
                step(tx, counting)
                with transaction() as writing:
                    insight_kept.advance(writing, insight_id, done, now())
    except BeckonError as error:
        with transaction() as tx:
            insight_kept.fail(tx, insight_id, str(error))
        return
    with transaction() as tx:
        insight_kept.finish(tx, insight_id, counting.query, counting.told(), at)
