"""app_subscriptions/update: a charge of the Billing API was approved, declined, frozen, replaced or ended."""

from __future__ import annotations

from plugin.ingest.events import Event, PlanChanged
from plugin.ingest.payload import Part

from .delivery import Delivery


def changed(payload: Part, _delivery: Delivery) -> list[Event]:
    """What it says may be late or of an older charge; what holds, we ask."""
    return [PlanChanged(subscription_gid=payload.part("app_subscription").text("admin_graphql_api_id", 100))]
