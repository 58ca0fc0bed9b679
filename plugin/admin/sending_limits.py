"""How often people are written to, and when not: a form on the settings page, both off to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from plugin.audience import limits
from plugin.audience.limits import Limits
from plugin.base import clock
from plugin.base.errors import BeckonError
from plugin.store.engine import snapshot, transaction

from . import auth

blueprint = Blueprint("sending_limits", __name__)

SUGGESTED: Final = Limits(cap=3, cap_days=7, quiet_from=22 * 60, quiet_until=8 * 60)
"""What the form proposes to a shop that has chosen nothing."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form's fields, as texts."""

    capped: bool
    cap: str
    cap_days: str
    quiet: bool
    quiet_from: str
    quiet_until: str


def of(shop_id: int) -> Form:
    """What stands in the form."""
    with snapshot() as tx:
        chosen = limits.of(tx, [shop_id]).get(shop_id, Limits())
    quiet = chosen if chosen.quiet_from is not None else SUGGESTED
    return Form(
        capped=chosen.cap is not None,
        cap=str(chosen.cap or SUGGESTED.cap),
        cap_days=str(chosen.cap_days),
        quiet=chosen.quiet_from is not None,
        quiet_from=_time(quiet.quiet_from or 0),
        quiet_until=_time(quiet.quiet_until or 0),
    )


@blueprint.post("/settings/limits")
def choose() -> Response:
    """A switch that is off keeps nothing of its numbers."""
    capped, quiet = request.form.get("capped") == "1", request.form.get("quiet") == "1"
    wanted = Limits(
        cap=_number("cap") if capped else None,
        cap_days=_number("cap_days") if capped else Limits().cap_days,
        quiet_from=_minutes("quiet_from") if quiet else None,
        quiet_until=_minutes("quiet_until") if quiet else None,
    )
    with transaction() as tx:
        limits.choose(tx, auth.shop().id, wanted, clock.now())
    return redirect("/settings#limits", code=303)


def _number(name: str) -> int:
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5):
        raise BeckonError("Messages and days are whole numbers, such as 3 and 7.")
    return int(text)


def _minutes(name: str) -> int:
    hours, colon, minutes = request.form.get(name, "").strip()[:5].partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        raise BeckonError("Quiet hours have a beginning and an end, such as 22:00 and 08:00.")
    return int(hours) * 60 + int(minutes)


def _time(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
