"""What the merchant sees in the admin: a page on which a plan is chosen, and one on which a charge is approved."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox import bodies, shop
from sandbox.world import world_of

from . import charges, dashboard

templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
)
templates.globals.update(shop=shop, dollars=charges.dollars)
ADMIN = f"/store/{shop.HANDLE}"
APP = f"{ADMIN}/apps/{shop.PROXY_SUBPATH}"
HEADERS = {"Cache-Control": "no-store", "X-Frame-Options": "DENY"}


async def pricing(request: Request) -> Response:
    """GET …/charges/{app handle}/pricing_plans."""
    world = world_of(request)
    if request.path_params["handle"] != shop.PROXY_SUBPATH or dashboard.rules(world).pricing != "app_pricing":
        raise HTTPException(404)
    now = charges.in_force(world, "app_pricing")
    text = templates.get_template("pricing.html").render(
        plans=dashboard.PLANS, now=now, rules=dashboard.rules(world), next=now["next_handle"] if now else None
    )
    return HTMLResponse(text, headers=HEADERS)


async def choose(request: Request) -> Response:
    """A plan was chosen, or ended: back to the app, whose welcome link gets the plan's handle."""
    world, asked = world_of(request), await bodies.asked(request)
    if asked.get("end"):
        charges.end_with_the_month(world)
        return RedirectResponse(APP + dashboard.WELCOME, 303)
    plan = dashboard.plan(str(asked.get("plan", "")))
    if plan is None or dashboard.rules(world).pricing != "app_pricing":
        raise HTTPException(404)
    charges.choose(world, plan)
    return RedirectResponse(f"{APP}{dashboard.WELCOME}?{urlencode({'plan_handle': plan.handle})}", 303)


async def confirm(request: Request) -> Response:
    """GET …/charges/{number}/confirm: the confirmationUrl of a charge of the Billing API."""
    world = world_of(request)
    row = charges.find(world, request.path_params["number"])
    if row is None or row["status"] != "PENDING":
        raise HTTPException(404)
    unpayable = dashboard.rules(world).development and not row["test"]
    return HTMLResponse(templates.get_template("confirm.html").render(charge=row, unpayable=unpayable), headers=HEADERS)


async def answer(request: Request) -> Response:
    """Approved: to the app's return address with `charge_id`. Declined: to the app, without a word."""
    world, asked = world_of(request), await bodies.asked(request)
    row = charges.find(world, request.path_params["number"])
    if row is None or row["status"] != "PENDING":
        raise HTTPException(404)
    if asked.get("answer") != "approve" or (dashboard.rules(world).development and not row["test"]):
        charges.end(world, row["id"], "DECLINED")
        return RedirectResponse(APP, 303)
    charges.approve(world, row["id"])
    mark = "&" if "?" in row["back"] else "?"
    return RedirectResponse(f"{row['back']}{mark}charge_id={row['id']}", 303)


routes = [
    Route(f"{ADMIN}/charges/{{handle}}/pricing_plans", pricing),
    Route(f"{ADMIN}/charges/{{handle}}/pricing_plans", choose, methods=["POST"]),
    Route(f"{ADMIN}/charges/{{number:int}}/confirm", confirm),
    Route(f"{ADMIN}/charges/{{number:int}}/confirm", answer, methods=["POST"]),
]
