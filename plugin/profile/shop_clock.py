"""Hours and weekdays by the shop's clock, kept with the row: SQL knows no zones, and both databases must agree."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select

from plugin.store.engine import Tx
from plugin.store.tables import orders, shops

AT_ONCE = 5_000
_NOON: Final = time(12)


def zone(tx: Tx, shop_id: int) -> ZoneInfo:
    """UTC where the shop's own zone is not known here."""
    return named(tx.execute(select(shops.c.timezone).where(shops.c.id == shop_id)).scalar_one())


def named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def of(at: datetime, zone: ZoneInfo) -> dict[str, int]:
    """`hour` 0 to 23, `weekday` 1 (Monday) to 7."""
    local = at.astimezone(zone)
    return {"hour": local.hour, "weekday": local.isoweekday()}


def noon(day: date, zone: ZoneInfo) -> datetime:
    """A day is known by its noon: on every calendar of the shop's it lies within the day."""
    return datetime.combine(day, _NOON, zone)


def recompute(tx: Tx, shop_id: int) -> None:
    """The shop has moved to another zone: all its orders anew."""
    now_in, last = zone(tx, shop_id), 0
    while True:
        mine = select(orders.c.id, orders.c.placed_at).where(orders.c.shop_id == shop_id, orders.c.id > last)
        page = tx.execute(mine.order_by(orders.c.id).limit(AT_ONCE)).all()
        if not page:
            return
        last = page[-1].id
        anew = orders.update().where(orders.c.id == bindparam("of"))
        anew = anew.values(hour=bindparam("new_hour"), weekday=bindparam("new_weekday"))
        local = [(row.id, of(row.placed_at, now_in)) for row in page]
        tx.execute(anew, [{"of": one, "new_hour": at["hour"], "new_weekday": at["weekday"]} for one, at in local])
