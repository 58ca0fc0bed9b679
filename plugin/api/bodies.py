"""What other tools send: JSON becomes frozen values, or for each event that cannot be used a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from plugin.base.errors import Unreadable
from plugin.ingest.payload import Part, read

MOST = 500
LONGEST = 512 * 1024
"""Bytes of a body."""
LONGEST_TEXT = 200
AHEAD = timedelta(minutes=5)
"""A teller's clock may be so much before ours."""
OLDEST = timedelta(days=10 * 365)

_EVENT_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,100}")
_NAME = re.compile(r"[\w.:-]{1,60}")
_VISITOR = re.compile(r"[A-Za-z0-9_-]{16,64}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_FIELDS = frozenset({"event_id", "name", "customer_id", "visitor", "email", "value", "text", "at"})


@dataclass(frozen=True, slots=True)
class Item:
    """One event, whole. Of the three ways to say whose it is, one is there."""

    event_id: str
    name: str
    at: datetime
    customer_id: int | None
    visitor: str | None
    email: str | None
    value: float | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Unfit:
    """One event that cannot be used, and why. `event_id` as far as it was told."""

    event_id: str | None
    sentence: str


def items(body: bytes, now: datetime) -> list[Item | Unfit]:
    """`{"events": […]}`. Raises Unreadable for what is no batch; each event is judged by itself."""
    told = read("events", body)
    events = told.value.get("events")
    if not isinstance(events, list):
        raise Unreadable('The body is an object with a list under "events".')
    if not 0 < len(events) <= MOST:
        raise Unreadable(f'"events" holds from 1 to {MOST} events; here are {len(events):,}.')
    return _each_once([item(one, now) for one in events])


def item(told: object, now: datetime) -> Item | Unfit:
    if not isinstance(told, dict):
        return Unfit(None, "An event is a JSON object.")
    event_id = told.get("event_id")
    shown = event_id if isinstance(event_id, str) and len(event_id) <= 100 else None
    try:
        return _item(Part("event", "", told), now)
    except Unreadable as error:
        return Unfit(shown, str(error))


def _item(told: Part, now: datetime) -> Item:
    strange = sorted(set(told.value) - _FIELDS)
    if strange:
        raise Unreadable(f"{strange[0][:60]!r} is not a field of an event. There are {', '.join(sorted(_FIELDS))}.")
    whose = [name for name in ("customer_id", "visitor", "email") if told.has(name)]
    if len(whose) != 1:
        raise Unreadable('An event says whose it is by one of "customer_id", "visitor" and "email".')
    at = told.instant_if_any("at") or now
    if not now - OLDEST <= at <= now + AHEAD:
        raise Unreadable('"at" lies in the future or more than ten years back.')
    return Item(
        event_id=_like(told, "event_id", _EVENT_ID, "up to 100 letters, digits and . _ : / + = -"),
        name=_like(told, "name", _NAME, "up to 60 letters, digits and . _ : -").casefold(),
        at=min(at, now),
        customer_id=told.id_if_any("customer_id"),
        visitor=_like(told, "visitor", _VISITOR, "a visitor's token") if told.has("visitor") else None,
        email=_like(told, "email", _EMAIL, "an e-mail address").lower() if told.has("email") else None,
        value=_number(told),
        text=told.text_if_any("text", LONGEST_TEXT),
    )


def _number(told: Part) -> float | None:
    found = told.value.get("value")
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float | Decimal):
        raise Unreadable('"value" is not a number.')
    if not math.isfinite(found) or not -(10**15) <= found <= 10**15:
        raise Unreadable('"value" is not a number between -10^15 and 10^15.')
    return float(found)


def _like(told: Part, key: str, pattern: re.Pattern[str], wanted: str) -> str:
    text = told.text(key, 400)
    if not pattern.fullmatch(text):
        raise Unreadable(f'"{key}" is not {wanted}.')
    return text


def _each_once(found: Sequence[Item | Unfit]) -> list[Item | Unfit]:
    seen: set[str] = set()
    judged: list[Item | Unfit] = []
    for one in found:
        again = isinstance(one, Item) and one.event_id in seen
        judged.append(Unfit(one.event_id, "This event_id stands twice in the batch.") if again else one)
        seen.add(one.event_id or "")
    return judged
