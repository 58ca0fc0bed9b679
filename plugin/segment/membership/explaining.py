"""One person and one segment: why they are in or out, since when, and when time alone will change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from plugin.profile.load import Profile
from plugin.profile.memberships import CHECK, EDIT, IMPORT, MERGE, TIME, Cause, Change
from plugin.segment.checked import Checked
from plugin.segment.evaluate import belongs
from plugin.segment.explain import Turn, Verdict, explain, turn
from plugin.store.engine import Tx
from plugin.store.tables import memberships, orders

from .reading import changes_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """`since`: when they entered, None for who is out. `change`: the last entering or leaving, None where the ledger
    knows none (any more)."""

    member: bool
    verdicts: tuple[Verdict, ...]
    turn: Turn | None
    since: datetime | None = None
    change: Change | None = None


def explanation(
    tx: Tx, shop_id: int, checked: Checked, profile: Profile, now: datetime, segment_id: int | None = None
) -> Explanation:
    """Of a query; with what is kept, where it is that of a saved segment."""
    verdicts = _with_names(tx, shop_id, explain(checked, profile, now))
    found = Explanation(belongs(checked, profile), verdicts, turn(checked, profile, now))
    if segment_id is None:
        return found
    mine = memberships.c.segment_id == segment_id, memberships.c.person_id == profile.person_id
    since = tx.execute(select(memberships.c.entered_at).where(memberships.c.shop_id == shop_id, *mine)).scalar()
    last = changes_of(tx, shop_id, segment_id=segment_id, person_id=profile.person_id, limit=1)
    return replace(found, since=since, change=last[0] if last else None)


def why(cause: Cause) -> str:
    """The cause of a change in words, to stand behind "because of": "order #1001"."""
    match cause.kind:
        case kind if kind == TIME:
            return f"time passing: {cause.detail}" if cause.detail else "time passing"
        case kind if kind == EDIT:
            return f"the segment's query ({cause.detail})" if cause.detail else "the segment's query"
        case kind if kind == MERGE:
            return "being one person, who was taken for two"
        case kind if kind == IMPORT:
            return "what the store's history tells"
        case kind if kind == CHECK:
            return "the nightly check"
        case _:
            return cause.detail or "something that happened"


def _with_names(tx: Tx, shop_id: int, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """Orders by their names, which merchants know, instead of by their ids."""
    ids = {row.order_id for verdict in verdicts for row in verdict.rows if row.order_id is not None}
    mine = orders.c.shop_id == shop_id, orders.c.order_id.in_(sorted(ids))
    names = dict(tx.execute(select(orders.c.order_id, orders.c.name).where(*mine)).all()) if ids else {}

    def named(said: str, order_id: int | None) -> str:
        name = names.get(order_id or 0)
        return said.replace(f"order {order_id}", f"order {name}") if name else said

    return tuple(
        replace(verdict, rows=tuple(replace(row, said=named(row.said, row.order_id)) for row in verdict.rows))
        for verdict in verdicts
    )
