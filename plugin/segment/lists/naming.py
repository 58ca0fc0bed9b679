"""Which lists a segment asks for, and whether there are such."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from sqlalchemy import select

from plugin.segment.ast import And, Call, Node, Not, Or, Text
from plugin.segment.errors import SegmentError
from plugin.segment.parser import parse
from plugin.store.engine import Tx
from plugin.store.tables import lists


def clean(name: str) -> str:
    """Spaces count once."""
    return " ".join(name.replace("\0", " ").split())


def key(name: str) -> str:
    return clean(name).casefold()


def asked_for(query: str) -> list[Text]:
    """The names of the lists that a query asks for; of one that cannot be read none."""
    try:
        return list(_names(parse(query)))
    except SegmentError:
        return []


def refuse_unknown(tx: Tx, shop_id: int, query: str) -> None:
    """Raises SegmentError at a list that is not there: nobody is on it, and NOT in_list( … ) would be everybody."""
    asked = asked_for(query)
    if not asked:
        return
    rows = tx.execute(select(lists.c.key, lists.c.name).where(lists.c.shop_id == shop_id))
    known = {row.key: row.name for row in rows}
    for one in asked:
        if key(one.value) not in known:
            near = get_close_matches(key(one.value)[:60], list(known), n=1)
            hint = f" Did you mean '{known[near[0]]}'?" if near else ""
            raise SegmentError(f"There is no list '{one.value[:60]}'.{hint}", query, one.span.start, one.span.end)


def _names(node: Node) -> Iterator[Text]:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _names(part)
        case Not(part):
            yield from _names(part)
        case Call() if node.name.text == "in_list":
            yield from (one for one in node.arguments if isinstance(one, Text))
