"""The store's data: a part of the history that failed is tried again, and what we hold is compared with Shopify."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect
from werkzeug.wrappers import Response

from plugin import jobs
from plugin.base import clock
from plugin.base.errors import NotFound
from plugin.ingest import backfill, reconcile
from plugin.ingest.history import KINDS
from plugin.ingest.reconcile import Reconciliation
from plugin.ingest.shops import Shop
from plugin.segment import membership
from plugin.segment.membership.nightly import Nightly
from plugin.store.engine import snapshot, transaction

from . import auth
from .setup import LABELS

blueprint = Blueprint("comparison", __name__)
SHOWN = 7


@dataclass(frozen=True, slots=True)
class Comparison:
    """What Settings says: whether one is under way, the last ones that ended, and whether one can begin;
    and what the night's check of who is in which segment found."""

    under_way: Reconciliation | None
    ended: tuple[Reconciliation, ...]
    possible: bool
    labels: dict[str, str]
    members: Nightly | None


def of(shop: Shop) -> Comparison:
    """The state of comparing this shop with Shopify."""
    with snapshot() as tx:
        runs = reconcile.latest(tx, shop.id, SHOWN)
        history = backfill.every(tx, shop.id)
        members = membership.nightly.latest(tx, shop.id)
    return Comparison(
        under_way=next((run for run in runs if run.finished_at is None), None),
        ended=tuple(run for run in runs if run.finished_at is not None),
        possible=bool(history) and all(part.state not in backfill.OPEN for part in history),
        labels=LABELS,
        members=members,
    )


@blueprint.post("/settings/comparison")
def check_now() -> Response:
    """Begins a comparison; a second press finds the first under way."""
    with transaction() as tx:
        part_ids = reconcile.begin(tx, auth.shop().id, reconcile.MERCHANT, clock.now())
    jobs.load(part_ids)
    return redirect("/settings#comparison", code=303)


@blueprint.post("/history/<kind>/again")
def try_again(kind: str) -> Response:
    """Begins a failed part of the history anew."""
    if kind not in KINDS:
        raise NotFound(f"There is no history of {kind}.")
    with transaction() as tx:
        part_id = backfill.try_again(tx, auth.shop().id, kind, clock.now())
    if part_id is not None:
        jobs.load([part_id])
    return redirect("/", code=303)
