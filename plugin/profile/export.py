"""All that we hold of one person, as JSON and as a page to read or print. Nothing is written; it is made when asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select

from plugin.ingest import inbox
from plugin.store.engine import Tx
from plugin.store.types import major_units

from .holdings import HOLDINGS, RAW, Holding
from .subject import Subject

Row = dict[str, Any]

MONEY = frozenset({"amount_spent", "total", "refunded", "price", "amount", "worth"})
"""Columns in minor units of the store's currency."""


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one table; instants are ISO in UTC, money is in minor units of `currency`."""

    name: str
    heading: str
    rows: tuple[Row, ...]
    left_out: dict[str, str]


@dataclass(frozen=True, slots=True)
class Export:
    """One person's data, whole."""

    shop: str
    currency: str
    customer_id: int | None
    person_ids: tuple[int, ...]
    made_at: datetime
    sections: tuple[Section, ...]

    @property
    def is_held(self) -> bool:
        return any(section.rows for section in self.sections if section.name != "privacy_requests")


def collect(tx: Tx, subject: Subject, currency: str, now: datetime) -> Export:
    """Every table of HOLDINGS and the raw webhooks that name them; also empty ones, to say that nothing is there."""
    sections = [_section(tx, name, holding, subject) for name, holding in HOLDINGS.items()]
    sections.append(Section(RAW, "Notices from Shopify, as they came", tuple(_raw(tx, subject)), {}))
    return Export(
        shop=subject.domain,
        currency=currency,
        customer_id=next(iter(subject.customer_ids), None),
        person_ids=subject.person_ids,
        made_at=now,
        sections=tuple(sections),
    )


def as_json(export: Export) -> str:
    """For machines: one key per table, instants in UTC, money in minor units."""
    told = {
        "shop": export.shop,
        "customer_id": export.customer_id,
        "made_at": export.made_at.isoformat(),
        "held": export.is_held,
        "note": f"Money is in minor units of {export.currency}; instants are in UTC.",
        "left_out": {section.name: section.left_out for section in export.sections if section.left_out},
        "data": {section.name: list(section.rows) for section in export.sections},
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def as_page(export: Export) -> str:
    """For people: one self-contained page, without anything from elsewhere, that prints well."""
    return _PAGES.get_template("export.html").render(export=export, columns=_columns, words=_words, shown=_shown)


def _section(tx: Tx, name: str, holding: Holding, subject: Subject) -> Section:
    columns = [column for column in holding.table.c if column.name not in holding.left_out]
    order = list(holding.table.primary_key) or list(holding.table.c)[:3]
    found = tx.execute(select(*columns).where(holding.reached(subject)).order_by(*order)).mappings()
    rows = tuple({key: _plain(value) for key, value in row.items()} for row in found)
    return Section(name, holding.heading, rows, dict(holding.left_out))


def _raw(tx: Tx, subject: Subject) -> list[Row]:
    return [
        {
            "topic": row.topic,
            "received_at": row.received_at.isoformat(),
            "state": row.state,
            "body": _readable(row.body),
        }
        for row in inbox.naming(tx, subject.domain, subject.naming)
    ]


def _readable(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def _columns(section: Section) -> list[str]:
    """Those that say something in any row; which store it is stands above."""
    names = list(section.rows[0]) if section.rows else []
    inner = ("shop_id", "person_id")
    return [name for name in names if name not in inner and any(row[name] not in (None, "") for row in section.rows)]


def _words(name: str) -> str:
    """`number_of_orders` → "Number of orders"."""
    words = name.removesuffix("_at").replace("_", " ")
    return words[:1].upper() + words[1:]


def _shown(name: str, value: Any, currency: str) -> str:
    """A cell in words; a notice's body as it came, set out in lines."""
    if name == "body" and isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, indent=1)
    if value is None or value in ("", [], {}):
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in MONEY and isinstance(value, int):
        return f"{major_units(value, currency):f} {currency}"
    if isinstance(value, list):
        return "; ".join(_shown("", one, currency) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{_words(key)}: {_shown(key, one, currency)}" for key, one in value.items())
    if (name.endswith("_at") or name == "at") and isinstance(value, str):
        return f"{value[:16].replace('T', ' ')} UTC"
    return str(value)
