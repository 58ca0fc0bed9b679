"""How far a campaign is: counted from its deliveries, cheap enough to ask every two seconds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from plugin.base.outcomes import OPEN
from plugin.campaign.lifecycle import Campaign
from plugin.report.funnel import STATES
from plugin.store.engine import Tx
from plugin.store.tables import deliveries


def of(tx: Tx, campaign: Campaign) -> dict[str, Any]:
    """`open` are those without an outcome yet, including those whose turn has not come."""
    state = deliveries.c.state
    counted = tx.execute(select(state, func.count()).where(deliveries.c.campaign_id == campaign.id).group_by(state))
    by_state = {name: number for name, number in counted}  # noqa: C416  rows are tuples, dict() does not know it
    outcomes = {name: by_state[name] for name in STATES if name in by_state and name not in OPEN}
    done, prepared = sum(outcomes.values()), sum(by_state.values())
    audience = prepared if campaign.fanned_out_at else max(campaign.audience or 0, prepared)
    return {
        "state": campaign.state,
        "audience": audience,
        "open": audience - done,
        "outcomes": outcomes,
        "finished_at": campaign.finished_at.isoformat() if campaign.finished_at else None,
    }
