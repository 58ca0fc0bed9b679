"""A shared browser: what is for Ann is shown in it while she is logged in, and not to whoever comes after her."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select, update

from plugin import jobs
from plugin.base.clock import now
from plugin.base.settings import Settings
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import people, subscriptions
from tests.delivery.rows import fanned_out
from tests.factories import make_segment

from . import beckon
from .chromium import Chromium
from .driven import open_shop, opt_in
from .sandbox_store import sandbox_store
from .stage import Stage
from .waiting import until

pytestmark = pytest.mark.browser
NEWS = "Your parcel is on its way"


@pytest.fixture
def store_world(tmp_path: Path, own_settings: Settings) -> Iterator[Stage]:
    with sandbox_store(tmp_path) as opened:
        yield opened


def test_what_is_personal_stays_away_after_a_logout_and_comes_back_with_the_login(store_world: Stage) -> None:
    place, desktop = store_world.around.push, store_world.around.desktop
    handle = requests.get(f"{store_world.shop}/_sandbox/products", timeout=10).json()["products"][0]["handle"]
    ann = Chromium(place.chromium_switches, desktop.address)
    try:
        customer_id = _log_in(store_world, ann)
        opt_in(store_world, ann, handle)
        until(lambda: _owner() == customer_id, saying="the subscription to be the customer's")
        waits = _for_her(store_world, customer_id)
        assert len(waits) == 1

        ann.run("await fetch('/account/logout', { method: 'POST' })")
        open_shop(ann, store_world.product(handle))
        until(lambda: _owner() is None, saying="the subscription to be nobody's")
        jobs.send_batch(waits)
        assert beckon.outcomes() == [("gone", None)]
        assert _for_her(store_world, customer_id) == []  # not by a browser that is not hers
        assert desktop.shown == []

        assert _log_in(store_world, ann) == customer_id
        open_shop(ann, store_world.product(handle))
        until(lambda: _owner() == customer_id, saying="the subscription to be the customer's again")
        jobs.send_batch(_for_her(store_world, customer_id))
        until(lambda: store_world.notification(NEWS) is not None, saying="the notification")
        assert len(beckon.active()) == 1
    finally:
        ann.stop()


def _log_in(world: Stage, browser: Chromium) -> int:
    """As the first whom the page offers; gives the customer's number."""
    browser.open(f"{world.shop}/account/login")
    return int(browser.run(_LOG_IN))


_LOG_IN = """
    const customer_id = document.querySelector("[type=hidden][name=customer_id]").value;
    await fetch("/account/login", { method: "POST", body: new URLSearchParams({ customer_id }) });
    return customer_id;
"""


def _owner() -> int | None:
    """The customer whose the only active subscription is."""
    query = select(people.c.customer_id).join(subscriptions, subscriptions.c.person_id == people.c.id)
    with snapshot() as tx:
        return tx.execute(query.where(subscriptions.c.state == "active")).scalar_one()


def _for_her(world: Stage, customer_id: int) -> list[int]:
    """A campaign to those who ordered: its deliveries, written and not sent yet."""
    with transaction() as tx:
        tx.execute(update(people).where(people.c.customer_id == customer_id).values(number_of_orders=3))
        ordered = make_segment(tx, world.shop_id, "number_of_orders >= 1")
        words = {"title": NEWS, "url": f"{world.shop}/account"}
        return fanned_out(tx, world.shop_id, now(), segment_id=ordered, **words)[1]
