"""Automations: the abandoned cart's switch, delay and words, beside what it has done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, jsonify, make_response, redirect, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from plugin.automation import lifecycle
from plugin.automation.lifecycle import Automation
from plugin.automation.recipes import RECIPES
from plugin.base import clock
from plugin.base.errors import BeckonError, NotFound
from plugin.ingest.shops import Shop
from plugin.message.content import Template
from plugin.message.words import ABANDONED_CART
from plugin.report import funnel
from plugin.store.engine import Tx, snapshot, transaction
from plugin.store.tables import products, variants

from . import auth, automation_page, previews
from .page import render

blueprint = Blueprint("automations", __name__)
CART_LINK = "/cart"
"""Where the preview's reminder leads; the real one leads to the person's own cart."""


@blueprint.get("/automations")
def index() -> str:
    shop = auth.shop()
    with snapshot() as tx:
        rows = [
            (automation, funnel.automation(tx, shop.id, automation.recipe.name, automation.segment_id))
            for automation in lifecycle.overview(tx, shop.id)
        ]
    more = [recipe for recipe in RECIPES.values() if recipe.of_segment]
    return render("automations.html", rows=rows, more=more, definitions=funnel.DEFINITIONS)


@blueprint.get("/automations/<recipe>")
def show(recipe: str) -> str:
    with snapshot() as tx:
        return _editor(tx, lifecycle.find(tx, auth.shop().id, recipe), {})


@blueprint.post("/automations/<recipe>")
def configure(recipe: str) -> Response:
    shop = auth.shop()
    with transaction() as tx:
        before = automation_page.as_asked(lifecycle.find(tx, shop.id, recipe))
        try:
            wanted = _wanted(before)
            errors = _errors(shop, wanted)
            if not errors:
                lifecycle.configure(
                    tx,
                    shop.id,
                    recipe,
                    enabled=wanted.enabled,
                    delay=wanted.delay,
                    title=wanted.title,
                    body=wanted.body,
                    browsers=wanted.browsers,
                    now=clock.now(),
                )
                return redirect(url_for(".show", recipe=recipe), code=303)
        except NotFound:
            raise
        except BeckonError as error:
            wanted, errors = before, {"delay_minutes": str(error)}
        return make_response(_editor(tx, wanted, errors), 422)


@blueprint.post("/automations/<recipe>/resume")
def resume(recipe: str) -> Response:
    with snapshot() as tx:
        automation = lifecycle.find(tx, auth.shop().id, recipe)
    automation_page.resume(automation)
    return redirect(url_for(".show", recipe=recipe), code=303)


@blueprint.post("/automations/<recipe>/preview")
def preview(recipe: str) -> Response:
    """The reminder as written in the form, about a real product of the shop."""
    shop = auth.shop()
    template = automation_page.typed(CART_LINK)
    with snapshot() as tx:
        lifecycle.find(tx, shop.id, recipe)
        shown = _shown(tx, shop, template)
    return jsonify({"problems": previews.problems(shop, template, ABANDONED_CART), "preview": shown})


@blueprint.get("/automations/<recipe>.json")
def numbers(recipe: str) -> Response:
    with snapshot() as tx:
        return automation_page.numbers(tx, lifecycle.find(tx, auth.shop().id, recipe))


def _wanted(before: Automation) -> Automation:
    """The automation with the form's delay. Raises BeckonError."""
    minutes = request.form.get("delay_minutes", str(int(before.delay.total_seconds() // 60))).strip()
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) < 7):
        raise BeckonError("The delay is a whole number of minutes, such as 60.")
    return replace(before, delay=timedelta(minutes=int(minutes)))


def _errors(shop: Shop, wanted: Automation) -> dict[str, str]:
    found = previews.problems(shop, Template(wanted.title, wanted.body, CART_LINK), ABANDONED_CART)
    errors = {str(each["field"]): str(each["sentence"]) for each in found if not each["warning"]}
    if not wanted.recipe.shortest <= wanted.delay <= wanted.recipe.longest:
        errors["delay_minutes"] = "Between 1 minute and 7 days (10,080 minutes)."
    return errors


def _editor(tx: Tx, automation: Automation, errors: dict[str, str]) -> str:
    shown = _shown(tx, auth.shop(), Template(automation.title, automation.body, CART_LINK))
    return automation_page.render(tx, "automation.html", automation, errors, preview=shown, tags=ABANDONED_CART)


def _shown(tx: Tx, shop: Shop, template: Template) -> dict[str, object]:
    """Filled with the product changed last that has a picture or at least a price."""
    price = select(func.min(variants.c.price)).where(
        variants.c.shop_id == products.c.shop_id, variants.c.product_id == products.c.product_id
    )
    product = tx.execute(
        select(products.c.title, products.c.image_url, price.scalar_subquery().label("price"))
        .where(products.c.shop_id == shop.id, products.c.deleted_at.is_(None), products.c.status == "active")
        .order_by(products.c.image_url.is_(None), products.c.updated_at.desc())
        .limit(1)
    ).one_or_none()
    values = previews.reminder_values(shop, product.title if product else None, product.price if product else None)
    shown = previews.shown(shop, template, values)
    return shown | {"image": product.image_url if product else None}
