"""Self-hosted is the default: no plan, no limit, no row, and nothing of billing where messages are sent."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from plugin import jobs, schedule
from plugin.base import clock, settings
from plugin.billing.offer import offer
from plugin.campaign import lifecycle
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import shop_plans
from tests.delivery.rows import states, subscribers
from tests.delivery.wire import PushService
from tests.factories import make_campaign


def test_no_table_of_billing_is_read_while_a_campaign_is_sent(
    shop: int, statements: list[str], at_noon: datetime
) -> None:
    assert settings.current().billing is None
    wire = PushService()
    with transaction() as tx:
        subscribers(tx, shop, 3)
        campaign_id = make_campaign(tx, shop)
        lifecycle.schedule(tx, shop, campaign_id, at_noon, at_noon)
    statements.clear()

    queued = _fan_out(campaign_id)
    jobs.send_batch(queued, send=wire.send)
    with clock.stopped_at(at_noon + timedelta(minutes=10)):
        schedule.tick(clock.now())

    with snapshot() as tx:
        assert states(tx, campaign_id) == {"sent": 3}
    assert statements
    assert not [each for each in statements if "shop_plans" in each]
    with snapshot() as tx:
        assert tx.execute(shop_plans.select()).all() == []


@pytest.mark.parametrize(
    "room", ["plugin.jobs", "plugin.schedule", "plugin.commands.worker", "webhooks.ingest", "plugin.storefront.routes"]
)
def test_who_receives_and_sends_never_loads_it(room: str) -> None:
    code = f"import sys, {room}; sys.exit(any(name.startswith('plugin.billing') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_without_its_setting_nothing_is_sold(own_settings: settings.Settings) -> None:
    assert offer() is None


def _fan_out(campaign_id: int) -> list[int]:
    """Begins the campaign as the clock's job does, and gives the deliveries instead of pushing them."""
    from plugin.campaign import sending
    from plugin.delivery import fanout, ready

    with transaction() as tx:
        assert ready.why_not(tx, campaign_id) is None
        assert sending.start(tx, campaign_id, clock.now())
    with transaction() as tx:
        return fanout.next_page(tx, campaign_id, clock.now()) or []
