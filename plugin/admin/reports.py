"""Reports: every campaign that began, and one of them from audience to order, as a page, as JSON and as CSV."""

from __future__ import annotations

import csv
import io

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from plugin.automation import lifecycle as automation_lifecycle
from plugin.base import settings
from plugin.campaign import lifecycle
from plugin.report import attribution, funnel
from plugin.report.funnel import CampaignReport
from plugin.store.engine import snapshot
from plugin.store.types import major_units

from . import auth, page
from .page import render

blueprint = Blueprint("reports", __name__)
ON_A_PAGE = 20


@blueprint.get("/reports")
def index() -> str:
    shop, number = auth.shop(), page.number("page")
    with snapshot() as tx:
        begun = [campaign for campaign in lifecycle.every(tx, shop.id) if campaign.started_at]
        begun.sort(key=lambda campaign: campaign.started_at or campaign.created_at, reverse=True)
        shown = begun[(number - 1) * ON_A_PAGE : number * ON_A_PAGE]
        rows = [(campaign, funnel.campaign(tx, shop.id, campaign.id)) for campaign in shown]
        automations = [
            (each, funnel.automation(tx, shop.id, each.recipe.name, each.segment_id))
            for each in automation_lifecycle.overview(tx, shop.id)
        ]
    return render(
        "reports.html",
        rows=rows,
        automations=automations,
        total=len(begun),
        number=number,
        last=-(-len(begun) // ON_A_PAGE),
        definitions=funnel.DEFINITIONS,
    )


@blueprint.get("/reports/campaigns/<int:campaign_id>")
def show(campaign_id: int) -> str:
    campaign, report = _report(campaign_id)
    days = settings.current().attribution.days
    return render(
        "report.html",
        campaign=campaign,
        report=report,
        why=funnel.WHY,
        names=funnel.OUTCOMES,
        definitions=funnel.DEFINITIONS,
        attribution=attribution.DEFINITION.format(days=days),
    )


@blueprint.get("/reports/campaigns/<int:campaign_id>.json")
def as_json(campaign_id: int) -> Response:
    _, report = _report(campaign_id)
    names = ("audience", "sent", "shown", "clicked", "orders", "revenue", "currency")
    return jsonify({name: getattr(report, name) for name in names} | {"outcomes": funnel.by_outcome(report.outcomes)})


@blueprint.get("/reports/campaigns/<int:campaign_id>.csv")
def as_csv(campaign_id: int) -> Response:
    campaign, report = _report(campaign_id)
    sheet = io.StringIO()
    write = csv.writer(sheet).writerow
    write(["what", "people", "why"])
    for outcome in report.outcomes:
        write([funnel.OUTCOMES[outcome.outcome], outcome.people, outcome.why or funnel.WHY[outcome.outcome]])
    for name in ("audience", "sent", "clicked", "orders"):  # of those sent, the ones shown stand above
        write([name.capitalize(), getattr(report, name), funnel.DEFINITIONS[name]])
    write([f"Revenue ({report.currency})", major_units(report.revenue, report.currency), funnel.DEFINITIONS["revenue"]])
    answer = Response("\ufeff" + sheet.getvalue(), mimetype="text/csv")  # the mark lets spreadsheets see UTF-8
    answer.headers["Content-Disposition"] = f'attachment; filename="campaign-{campaign.id}.csv"'
    return answer


def _report(campaign_id: int) -> tuple[lifecycle.Campaign, CampaignReport]:
    with snapshot() as tx:
        campaign = lifecycle.find(tx, auth.shop().id, campaign_id)
        return campaign, funnel.campaign(tx, auth.shop().id, campaign_id)
