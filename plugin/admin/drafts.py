"""What the campaign's form says: a draft, and the instant at which to send it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from plugin.audience import browsers
from plugin.base.errors import BeckonError
from plugin.campaign.lifecycle import Campaign, Draft
from plugin.message.content import Template

ASKED = ("asks_segment", "asks_stock", "asks_purchase")
"""Switches: on is 1, off is 0."""
FIELDS = ("name", "title", "body", "url", "image_url", "segment_id", "holdout", "browsers", *ASKED)
LONGEST = 2_000


def draft(form: Mapping[str, str], before: Campaign) -> Draft:
    """The form's fields; one that was not sent stays as it was."""

    def field(name: str, former: str | None) -> str:
        return form[name][:LONGEST].replace("\r\n", "\n") if name in form else former or ""

    return Draft(
        name=field("name", before.name),
        title=field("title", before.title),
        body=field("body", before.body),
        url=field("url", before.url),
        image_url=field("image_url", before.image_url) or None,
        segment_id=_segment(form, before),
        holdout=_holdout(form, before),
        browsers=browsers.chosen(form.get("browsers", before.browsers)),
        **{name: form[name] == "1" if name in form else getattr(before, name) for name in ASKED},
    )


def template(draft: Draft | Campaign) -> Template:
    """Its words, as the message rooms take them."""
    return Template(draft.title, draft.body, draft.url, draft.image_url)


def instant(text: str, timezone: str) -> datetime:
    """`2026-11-26T18:30`, as a shop's clock shows it. Raises BeckonError for what is no time there."""
    try:
        wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(timezone))
    except ValueError:
        raise BeckonError("Choose a day and a time, such as 26 November 2026, 18:30.") from None
    found = wall.astimezone(UTC)
    if found.astimezone(ZoneInfo(timezone)).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise BeckonError(f"There is no {wall:%H:%M} on that day: the clocks go forward. Choose another time.")
    return found


def _holdout(form: Mapping[str, str], before: Campaign) -> int:
    if "holdout" not in form:
        return before.holdout
    text = form["holdout"].strip() or "0"
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise BeckonError("The holdout is a whole number of percent, such as 10.")
    return int(text)


def _segment(form: Mapping[str, str], before: Campaign) -> int | None:
    if "segment_id" not in form:
        return before.segment_id
    text = form["segment_id"].strip()
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BeckonError("Choose a segment from the list.")
    return int(text) if text else None
