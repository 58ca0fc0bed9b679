"""Orders, their lines and refunds, and money."""

from __future__ import annotations

import json
import sqlite3

from sandbox import shop
from sandbox.money import pounds
from sandbox.shop import gid
from sandbox.state import Json
from sandbox.world import World

from .people import Address
from .reading import Field, Fields, always, bag, column, global_id, lazily


def _lines(kinds: tuple[str, ...]) -> Field:
    return lambda _, order: tuple(line for line in json.loads(order["lines"]) if line["kind"] in kinds)


def _shipping(order: sqlite3.Row) -> int:
    return sum(line["price"] * line["quantity"] for line in json.loads(order["lines"]) if line["kind"] == "shipping")


def _of_lines(checkout: sqlite3.Row) -> int:
    return sum(line["price"] * line["quantity"] for line in json.loads(checkout["lines"]))


def _financial_status(_: World, order: sqlite3.Row) -> str:
    if order["refunded"] == 0:
        return "PAID"
    return "REFUNDED" if order["refunded"] >= order["total"] else "PARTIALLY_REFUNDED"


def _refunds(world: World, order: sqlite3.Row) -> list[sqlite3.Row]:
    if order["refunded"] == 0:
        return []
    return world.db.execute("SELECT * FROM refunds WHERE order_id = ? ORDER BY id", (order["id"],)).fetchall()


def _discounts(order: sqlite3.Row) -> list[Json]:
    return [
        one | {"index": place, "type": _TYPES[one["kind"]], "title": one["code"]}
        for place, one in enumerate(json.loads(order["discounts"]))
    ]


_TYPES = {
    "code": "DiscountCodeApplication",
    "automatic": "AutomaticDiscountApplication",
    "manual": "ManualDiscountApplication",
}
DISCOUNT: Fields = {"index": column("index")}
DISCOUNT_BY_CODE: Fields = DISCOUNT | {"code": column("code")}
DISCOUNT_BY_TITLE: Fields = DISCOUNT | {"title": column("title")}
ORDER_APP: Fields = {"id": lambda _, number: gid("App", number), "name": always("Online Store")}
ATTRIBUTE: Fields = {"key": column("key"), "value": column("value")}
MONEY: Fields = {"amount": lambda _, amount: pounds(amount), "currencyCode": always(shop.CURRENCY)}
BAG: Fields = {"shopMoney": lambda _, amount: amount, "presentmentMoney": lambda _, amount: amount}

ORDER: Fields = {
    "id": global_id("Order"),
    "legacyResourceId": lambda _, row: str(row["id"]),
    "name": lambda _, row: f"#{row['number']}",
    "number": column("id"),
    "email": column("email"),
    "createdAt": column("placed_at"),
    "processedAt": column("placed_at"),
    "updatedAt": column("updated_at"),
    "cancelledAt": column("cancelled_at"),
    "closedAt": always(None),
    "test": always(value=False),
    "currencyCode": always(shop.CURRENCY),
    "displayFinancialStatus": _financial_status,
    "displayFulfillmentStatus": lambda _, row: "FULFILLED" if row["fulfilled"] else "UNFULFILLED",
    "totalPriceSet": bag(lambda row: row["total"]),
    "currentTotalPriceSet": bag(lambda row: max(0, row["total"] - row["refunded"])),
    "subtotalPriceSet": bag(lambda row: row["total"] - _shipping(row)),
    "totalShippingPriceSet": bag(_shipping),
    "totalRefundedSet": bag(lambda row: row["refunded"]),
    "netPaymentSet": bag(lambda row: row["total"] - row["refunded"]),
    "cartToken": column("cart_token"),
    "checkoutToken": column("checkout_token"),
    "app": always(580_111),
    "retailLocation": always(None),
    "sourceName": column("source"),
    "tags": always([]),
    "discountCodes": lambda _, row: [one["code"] for one in _discounts(row) if one["kind"] == "code"],
    "discountApplications": lambda _, row: tuple(_discounts(row)),
    "customAttributes": always([]),
    "customer": lazily("customers", "customer_id"),
    "shippingAddress": lambda _, row: Address(row["id"], 0, row["country"], row["customer_id"] or row["id"]),
    "billingAddress": lambda _, row: Address(row["id"], 1, row["country"], row["customer_id"] or row["id"]),
    "refunds": _refunds,
    "lineItems": _lines(("product", "custom")),
    "shippingLines": _lines(("shipping",)),
}
LINE: Fields = {
    "id": global_id("LineItem"),
    "title": column("title"),
    "name": column("title"),
    "quantity": column("quantity"),
    "currentQuantity": column("quantity"),
    "sku": column("code"),
    "product": lazily("products", "product_id"),
    "variant": lazily("products", "product_id"),
    "originalUnitPriceSet": bag(lambda line: line["price"]),
    "discountedUnitPriceSet": bag(lambda line: line["price"]),
    "originalTotalSet": bag(lambda line: line["price"] * line["quantity"]),
}
CHECKOUT: Fields = {
    "id": global_id("AbandonedCheckout"),
    "name": lambda _, row: f"#{row['checkout_token'][:10]}",
    "abandonedCheckoutUrl": lambda world, row: (
        f"{world.settings.url}/checkouts/{row['checkout_token']}/recover?key={row['checkout_token'][::-1]}"
    ),
    "createdAt": column("created_at"),
    "updatedAt": column("updated_at"),
    "completedAt": column("completed_at"),
    "customer": lazily("customers", "customer_id"),
    "totalLineItemsPriceSet": bag(_of_lines),
    "totalPriceSet": bag(_of_lines),
}
SHIPPING_LINE: Fields = {
    "id": global_id("ShippingLine"),
    "title": column("title"),
    "code": column("code"),
    "originalPriceSet": bag(lambda line: line["price"] * line["quantity"]),
}
REFUND: Fields = {
    "id": global_id("Refund"),
    "legacyResourceId": lambda _, row: str(row["id"]),
    "createdAt": column("at"),
    "note": lambda _, row: f"Cancelled by {row['number']}",
    "totalRefundedSet": bag(lambda row: row["amount"]),
}
