"""What Shopify tells of a customer besides, and of orders the channel, the hour, the weekday and discounts."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.almanac import instant
from tests.oracle.kinds import DATE, WHOLE, choice, folded, held, identity, text
from tests.oracle.rows import Row, Rows
from tests.oracle.scanning import Piece, Refused
from tests.oracle.subjects import Filter, Parameter
from tests.oracle.subjects.cycle import GROUPS

KINDS = ("any", "code", "automatic", "manual")
ACCOUNT = ("ENABLED", "DISABLED", "INVITED", "DECLINED")
SUBSCRIBER = ("ACTIVE", "PAUSED", "CANCELLED", "EXPIRED", "FAILED", "NEVER_SUBSCRIBED")


def language(value: Piece) -> str:
    if not re.fullmatch("[a-z]{2,3}", text(value)):
        raise Refused("no language")
    return text(value)


def column(name: str) -> Any:
    return lambda person, _: person.get(name)


def spoken(person: Row, _: Rows) -> str | None:
    """`pt` of `pt-BR`."""
    locale = person.get("locale")
    return locale.split("-")[0].lower() if locale else None


def domain(person: Row, rows: Rows) -> str | None:
    """Behind the @, where the shop keeps e-mails."""
    email = person.get("email")
    return email[email.index("@") + 1 :].casefold() if email and rows.shop["keeps_email"] else None


def left(person: Row, rows: Rows) -> Any:
    """When the latest of the checkouts that came to no order was touched."""
    ordered = {order["checkout_token"] for order in rows.of(person["id"], "orders")}
    theirs = rows.of(person["id"], "checkouts")
    return max(
        (instant(one["updated_at"]) for one in theirs if not one["completed"] and one["token"] not in ordered),
        default=None,
    )


def local(row: Row, rows: Rows) -> Any:
    """The order's time on the shop's clocks."""
    return instant(row["placed_at"]).astimezone(ZoneInfo(rows.shop["timezone"]))


def discounts(order: Row, rows: Rows) -> set[str]:
    used = rows.of(order["order_id"], "order_discounts", "order_id")
    return {one["code"].casefold() for one in used if one["kind"] != "manual"}


def kinds(order: Row, rows: Rows) -> set[str]:
    used = {one["kind"] for one in rows.of(order["order_id"], "order_discounts", "order_id")}
    return used | {"any"} if used else used


def kind_of_discount(value: Piece) -> str:
    if text(value) not in KINDS:
        raise Refused("no kind of discount")
    return text(value)


ENTRIES = {
    "customer_language": Filter(identity("language", language, nulls=True), spoken, "languages"),
    "customer_email_domain": Filter(identity("domain", folded, nulls=True), domain, "domains"),
    "customer_account_status": Filter(choice("account", *ACCOUNT), column("account_status")),
    "predicted_spend_tier": Filter(choice("tier", "HIGH", "MEDIUM", "LOW"), column("spend_tier")),
    "shopify_rfm_group": Filter(choice("group", *GROUPS), column("shopify_rfm_group")),
    "product_subscription_status": Filter(choice("subscriber", *SUBSCRIBER), column("subscriber_status")),
    "abandoned_checkout_date": Filter(DATE, left),
}
OF_ORDER = {
    "channel": Parameter(identity("channel", text, nulls=False), lambda order, _: order["source_name"], "channels"),
    "hour": Parameter(WHOLE, lambda order, rows: local(order, rows).hour, "hours"),
    "weekday": Parameter(WHOLE, lambda order, rows: local(order, rows).isoweekday(), "weekdays"),
    "discount": Parameter(held("discount", ("=", "!="), folded), discounts, "codes"),
    "discount_kind": Parameter(held("kind of discount", ("=", "!="), kind_of_discount, KINDS), kinds),
}
