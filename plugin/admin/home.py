"""Home: how far the set-up is and what comes next, the key numbers, and what is worth the merchant's attention."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from plugin.base import clock
from plugin.ingest.shops import Shop
from plugin.report import home
from plugin.store.engine import Tx, snapshot
from plugin.store.tables import deliveries, facts

from . import attention, auth, billing, setup
from .page import render
from .preferences import theme_editor
from .storefront import EMBED

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def show() -> str:
    shop, now = auth.shop(), clock.now()
    billing.opened(shop)
    with snapshot() as tx:
        steps = setup.of(tx, shop)
        numbers = home.key_numbers(tx, shop.id, now)
        news = [*attention.of(tx, shop), *billing.news(tx, shop)]
        returned = _came_back(tx, shop, now)
    return render(
        "home.html",
        greeting=_greeting(now.astimezone(ZoneInfo(shop.timezone)).hour, returned),
        steps=steps,
        numbers=numbers,
        definitions=home.DEFINITIONS,
        news=news,
        theme_editor=theme_editor(shop),
        embed=EMBED,
    )


@blueprint.get("/home.json")
def as_json() -> Response:
    """The set-up's state, for the progress bars."""
    with snapshot() as tx:
        steps = setup.of(tx, auth.shop())
    return jsonify(
        {
            "history": {
                part.kind: {
                    "state": part.state,
                    "objects": part.objects,
                    "total": part.total,
                    "error": part.error,
                    "words": part.words,
                }
                for part in steps.history
            },
            "history_words": steps.history_words,
            "script_seen": steps.script_seen,
            "reachable": steps.reachable,
            "campaigns": steps.campaigns,
        }
    )


def _greeting(hour: int, returned: int) -> str:
    hello = "Good morning." if 5 <= hour < 12 else "Good afternoon." if 12 <= hour < 18 else "Good evening."
    if not returned:
        return hello
    return f"{hello} {returned:,} {'person' if returned == 1 else 'people'} came back because of you today."


def _came_back(tx: Tx, shop: Shop, now: datetime) -> int:
    """People who clicked since midnight in the shop."""
    zone = ZoneInfo(shop.timezone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    clicked = [facts.c.shop_id == shop.id, facts.c.kind == "clicked", facts.c.at >= midnight]
    who = func.coalesce(deliveries.c.person_id, -deliveries.c.id)  # each erased one is somebody, too
    people = select(func.count(who.distinct())).join(facts, facts.c.delivery_id == deliveries.c.id)
    return tx.execute(people.where(*clicked)).scalar_one()
