"""Charges of the app: made, approved, replaced, frozen, ended. Of the Billing API's the app hears by webhook, of App
Pricing's it hears nothing, as since April 2026."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Literal

from sandbox import instants, shop
from sandbox.shop import gid
from sandbox.state import Json
from sandbox.webhooks import outbox
from sandbox.world import World

from . import dashboard
from .dashboard import Listed

Kind = Literal["app_pricing", "billing_api"]
MONTH = timedelta(days=30)
IN_FORCE = "status = 'ACTIVE'"


def find(world: World, number: int) -> sqlite3.Row | None:
    row: sqlite3.Row | None = world.db.execute("SELECT * FROM charges WHERE id = ?", (number,)).fetchone()
    return row


def newest_first(world: World, where: str = "1") -> list[sqlite3.Row]:
    return world.db.execute(f"SELECT * FROM charges WHERE {where} ORDER BY id DESC").fetchall()


def in_force(world: World, kind: Kind | None = None) -> sqlite3.Row | None:
    """The charge that the shop pays."""
    found = newest_first(world, f"{IN_FORCE} AND kind = '{kind}'" if kind else IN_FORCE)
    return found[0] if found else None


def create(
    world: World, kind: Kind, *, name: str, handle: str | None, amount: int, trial_days: int, test: bool, back: str
) -> int:
    """A charge that waits for approval."""
    now = instants.exact(instants.now())
    made = world.db.execute(
        "INSERT INTO charges (kind, name, handle, amount, trial_days, test, back, status, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, 'PENDING', ?, ?)",
        (kind, name, handle, amount, trial_days, test, back, now, now),
    )
    number = int(made.lastrowid or 0)
    _tell(world, number)
    return number


def approve(world: World, number: int) -> None:
    """It is in force, and replaces what was."""
    for former in newest_first(world, IN_FORCE):
        end(world, former["id"])
    begins = instants.now()
    world.db.execute(
        "UPDATE charges SET status = 'ACTIVE', created_at = ?, period_end = ? WHERE id = ?",
        (instants.exact(begins), instants.text(begins + MONTH), number),
    )
    _tell(world, number)


def end(world: World, number: int, status: str = "CANCELLED") -> None:
    """CANCELLED, DECLINED, EXPIRED, FROZEN; ACTIVE takes it up again."""
    world.db.execute("UPDATE charges SET status = ? WHERE id = ?", (status, number))
    _tell(world, number)


def choose(world: World, plan: Listed) -> None:
    """On the hosted page: a dearer plan holds at once, a cheaper one from the next month on."""
    now, rules = in_force(world, "app_pricing"), dashboard.rules(world)
    if now is not None and plan.amount < now["amount"]:
        world.db.execute("UPDATE charges SET next_handle = ?, ends = 0 WHERE id = ?", (plan.handle, now["id"]))
        return
    number = create(
        world, "app_pricing", name=plan.name, handle=plan.handle, amount=plan.amount, back="",
        trial_days=plan.trial_days if rules.trials and now is None else 0, test=rules.development,
    )  # fmt: skip
    approve(world, number)


def end_with_the_month(world: World) -> None:
    """On the hosted page: cancelled, and paid until the month is over."""
    world.db.execute(f"UPDATE charges SET ends = 1, next_handle = NULL WHERE kind = 'app_pricing' AND {IN_FORCE}")


def renew(world: World) -> None:
    """A month is over: what was to begin or to end does."""
    now = in_force(world)
    if now is None:
        return
    following = dashboard.plan(now["next_handle"] or "")
    if now["ends"]:
        end(world, now["id"])
    elif following:
        world.db.execute("UPDATE charges SET amount = 0 WHERE id = ?", (now["id"],))
        choose(world, following)


def end_all(world: World) -> None:
    """The app was uninstalled."""
    for row in newest_first(world, "status IN ('ACTIVE', 'FROZEN', 'PENDING')"):
        world.db.execute("UPDATE charges SET status = 'CANCELLED' WHERE id = ?", (row["id"],))


def _tell(world: World, number: int) -> None:
    world.db.execute("UPDATE charges SET updated_at = ? WHERE id = ?", (instants.exact(instants.now()), number))
    row = find(world, number)
    if row is not None and row["kind"] == "billing_api":
        outbox.tell(world, "app_subscriptions/update", {"app_subscription": _payload(row)})


def _payload(row: sqlite3.Row) -> Json:
    return {
        "admin_graphql_api_id": gid("AppSubscription", row["id"]),
        "name": row["name"],
        "status": row["status"],
        "admin_graphql_api_shop_id": gid("Shop", shop.SHOP_ID),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "currency": "USD",
        "capped_amount": None,
        "price": dollars(row["amount"]),
        "interval": "every_30_days",
        "plan_handle": row["handle"],
    }


def dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"
