"""What the pages of all automations have in common: the words as they are typed, the page itself, its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flask import jsonify, request
from werkzeug.wrappers import Response

from plugin.audience import browsers
from plugin.automation import pausing
from plugin.automation.lifecycle import Automation
from plugin.base import clock
from plugin.message import limits
from plugin.message.content import Template
from plugin.report import funnel
from plugin.store.engine import Tx, transaction

from . import auth, page, previews

MOST: Final = 2_000
"""Characters of a field that are looked at."""


def typed(url: str) -> Template:
    """The message as the form says it; `url` is where a click leads."""
    return Template(request.form.get("title", "")[:MOST], request.form.get("body", "")[:MOST], url)


def as_asked(before: Automation) -> Automation:
    """The automation with the form's switch and words; fields that were not sent stay."""
    return replace(
        before,
        enabled=request.form["enabled"] == "1" if "enabled" in request.form else before.enabled,
        title=request.form.get("title", before.title)[:MOST],
        body=request.form.get("body", before.body)[:MOST],
        browsers=browsers.chosen(request.form.get("browsers", before.browsers)),
    )


def resume(automation: Automation) -> None:
    """Lets one that paused itself go on. Raises BeckonError."""
    with transaction() as tx:
        pausing.resume(tx, auth.shop().id, automation.id, clock.now())


def render(
    tx: Tx,
    template: str,
    automation: Automation,
    errors: dict[str, str],
    *,
    preview: Mapping[str, Any],
    tags: Mapping[str, Any],
    **special: Any,
) -> str:
    """`template` extends automation_page.html; `special` is what its blocks need."""
    return page.render(
        template,
        automation=automation,
        errors=errors,
        report=funnel.automation(tx, auth.shop().id, automation.recipe.name, automation.segment_id),
        definitions=funnel.DEFINITIONS,
        names=funnel.OUTCOMES,
        why=funnel.WHY,
        preview=preview,
        limits=limits,
        cannot=_cannot(tx, automation),
        browsers=list(browsers.WORDS.items()),
        tags=tags,
        **special,
    )


def _cannot(tx: Tx, automation: Automation) -> list[str]:
    """What keeps its messages from being sent, though it is on."""
    if not automation.enabled:
        return []
    template = Template(automation.title, automation.body, automation.url or "/")
    found = previews.warnings(tx, auth.shop(), template, clock.now(), stock=automation.asks_stock)
    return [str(each["sentence"]) for each in found]


def numbers(tx: Tx, automation: Automation) -> Response:
    """What it has done, as JSON."""
    report = funnel.automation(tx, auth.shop().id, automation.recipe.name, automation.segment_id)
    return jsonify(funnel.numbers(report))
