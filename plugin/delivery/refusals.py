"""Is it one browser, or everybody? A push service that does not accept a shop's keys or headers refuses every message;
one that refuses a single browser (its subscription was made with another key) takes the others.

Decided by evidence: several refusals in a row, with no message of the shop taken in between, are everybody's. Then the
campaigns and automations that met them pause and say so in words. A taken message ends the row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, tuple_

from plugin.automation import pausing
from plugin.campaign import sending
from plugin.store.engine import Tx
from plugin.store.tables import refusals
from plugin.store.upsert import upsert_by

from .claims import Claimed
from .outcome import Answer, Said

SEVERAL: Final = 3
"""So many in a row are nobody's alone."""

Place = tuple[int, str]
"""A shop and a push service."""


def weigh(tx: Tx, answered: Sequence[tuple[Claimed, Answer]], now: datetime) -> None:
    """Counts what was refused to whom, and pauses the campaigns and automations of which everybody would be refused.
    The caller holds those campaigns."""
    taken = {_place(each) for each, answer in answered if answer.said is Said.SENT}
    refused: dict[Place, list[tuple[Claimed, Answer]]] = defaultdict(list)
    for each, answer in answered:
        if answer.is_refusal and _place(each) not in taken:
            refused[_place(each)].append((each, answer))
    _end_rows(tx, taken)
    rows = [
        {"shop_id": shop_id, "service": service, "in_a_row": len(refused[shop_id, service])}
        for shop_id, service in sorted(refused)
    ]
    upsert_by(tx, refusals, rows, key=("shop_id", "service"), update=_added)
    for place, in_a_row in _in_a_row(tx, list(refused)).items():
        if in_a_row >= SEVERAL:
            _pause(tx, refused[place], in_a_row, now)


def _added(new: Any) -> dict[str, Any]:
    return {"in_a_row": refusals.c.in_a_row + new.in_a_row}


def _place(each: Claimed) -> Place:
    return each.shop_id, each.service


def _end_rows(tx: Tx, taken: set[Place]) -> None:
    if there := _in_a_row(tx, sorted(taken)):
        tx.execute(delete(refusals).where(tuple_(refusals.c.shop_id, refusals.c.service).in_(list(there))))


def _in_a_row(tx: Tx, places: Sequence[Place]) -> dict[Place, int]:
    if not places:
        return {}
    here = tuple_(refusals.c.shop_id, refusals.c.service).in_(places)
    rows = tx.execute(select(refusals.c.shop_id, refusals.c.service, refusals.c.in_a_row).where(here))
    return {(row.shop_id, row.service): row.in_a_row for row in rows}


def _pause(tx: Tx, refused: Sequence[tuple[Claimed, Answer]], in_a_row: int, now: datetime) -> None:
    for each, answer in {each.campaign_id: (each, answer) for each, answer in refused}.values():
        why = f"{each.service} refused {in_a_row:,} messages in a row and took none, so the rest waits."
        why = f"{why} {answer.reason} Nobody was removed."
        if each.campaign_id is not None:
            sending.halt(tx, each.campaign_id, why, now)
            continue
        reminders = [one.push.delivery_id for one, _ in refused if one.campaign_id is None]
        pausing.halt_those_of(tx, reminders, why, now)
