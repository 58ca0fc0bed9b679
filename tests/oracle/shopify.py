"""An invented shop in the words of the outside world: Shopify's lines of a bulk operation, the events API's JSON.

What the product reads. Nothing of what the rows mean to a segment stands here: that is for both readers to find out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tests.oracle.judge import COINS
from tests.oracle.stores import Row, World

Line = dict[str, Any]
DIGITS = {1: 0, 100: 2, 1000: 3}


class Words:
    """Of one shop of a world."""

    def __init__(self, world: World, shop: Row) -> None:
        self.world, self.shop = world, shop

    def rows(self, table: str, **of: Any) -> list[Row]:
        """The shop's rows of a table, those that have these values."""
        mine = (row for row in self.world.tables.get(table, ()) if row["shop_id"] == self.shop["id"])
        return [row for row in mine if all(row[name] == value for name, value in of.items())]

    def money(self, minor: int) -> Line:
        coins = COINS.get(self.shop["currency"], 100)
        whole, part = divmod(minor, coins)
        amount = f"{whole}.{part:0{DIGITS[coins]}}" if coins > 1 else str(whole)
        return {"amount": amount, "currencyCode": self.shop["currency"]}

    def shop_money(self, minor: int) -> Line:
        return {"shopMoney": self.money(minor)}

    def products(self) -> Iterator[Line]:
        for product in self.rows("products"):
            number = product["product_id"]
            yield {
                "id": gid("Product", number),
                "title": "Ware",
                "handle": "ware",
                "status": "ACTIVE",
                "vendor": product["vendor"],
                "productType": product["product_type"],
                "category": product["category"] and {"fullName": product["category"]},
                "tags": [one["tag"] for one in self.rows("product_tags", product_id=number)],
                "updatedAt": EARLY,
            }
            for one in self.rows("variants", product_id=number):
                variant = {"id": gid("ProductVariant", one["variant_id"]), "title": "One", "sku": one["sku"]}
                yield variant | {"price": "1.00", "__parentId": gid("Product", number)}

    def collections(self) -> Iterator[Line]:
        for one in self.rows("collections"):
            number = one["collection_id"]
            whole = gid("Collection", number)
            yield {"id": whole, "title": one["title"], "handle": one["handle"], "updatedAt": EARLY}
            for within in self.rows("collection_products", collection_id=number):
                yield {"id": gid("Product", within["product_id"]), "__parentId": whole}

    def customers(self) -> Iterator[Line]:
        for person in self.rows("people", became=None):
            if person["customer_id"] is not None:
                yield from self.customer(person)

    def customer(self, person: Row) -> Iterator[Line]:
        whole = gid("Customer", person["customer_id"])
        tags = [one["tag"] for one in self.rows("person_tags", person_id=person["id"]) if one["how"] != "added"]
        contacts = self.rows("companies", person_id=person["id"])
        line: Line = {
            "id": whole,
            "createdAt": person["customer_added_at"].isoformat(),
            "updatedAt": person["said_at"].isoformat(),
            "locale": person["locale"],
            "tags": tags,
            "state": person["account_status"],
            "defaultEmailAddress": {"emailAddress": person["email"], "marketingState": person["email_status"]},
            "productSubscriberStatus": person["subscriber_status"],
            "companyContactProfiles": [{"company": {"id": gid("Company", one["company_id"])}} for one in contacts],
        }
        if person["reckoned"]:
            line["statistics"] = {
                "predictedSpendTier": person["spend_tier"],
                "rfmGroup": person["shopify_rfm_group"],
            }
        if person["told_at"]:
            line |= {"numberOfOrders": str(person["told_orders"]), "amountSpent": self.money(person["told_spent"])}
        yield line
        for number, field in enumerate(self.rows("metafields", person_id=person["id"])):
            told = {name: field[name] for name in ("namespace", "key", "type", "value")}
            yield {"id": gid("Metafield", number + 1), "__parentId": whole} | told
        for one in self.rows("addresses", person_id=person["id"], order_id=None):
            yield address(one) | {"__parentId": whole}
        for one in self.rows("credits", person_id=person["id"]):
            balance = self.money(one["balance"]) | {"currencyCode": one["currency"]}
            yield {"id": gid("StoreCreditAccount", one["account"]), "balance": balance, "__parentId": whole}

    def orders(self, *, late: bool) -> Iterator[Line]:
        for order in self.rows("orders", late=late):
            yield from self.order(order)

    def order(self, order: Row) -> Iterator[Line]:
        whole, number = gid("Order", order["order_id"]), order["order_id"]
        used = self.rows("addresses", order_id=number)
        yield {
            "id": whole,
            "name": f"#{number % 10_000}",
            "currencyCode": self.shop["currency"],
            "customer": order["customer_id"] and {"id": gid("Customer", order["customer_id"])},
            "createdAt": order["placed_at"].isoformat(),
            "processedAt": order["placed_at"].isoformat(),
            "updatedAt": order["updated_at"].isoformat(),
            "cancelledAt": order["cancelled_at"] and order["cancelled_at"].isoformat(),
            "totalPriceSet": self.shop_money(order["total"]),
            "refunds": [
                {"id": gid("Refund", number), "totalRefundedSet": self.shop_money(one["amount"])}
                for one in self.rows("refunds", order_id=number)
            ],
            "test": order["test"],
            "cartToken": cart_of(order) if order["customer_id"] is None else None,
            "checkoutToken": order["checkout_token"],
            "app": order["app_id"] and {"id": gid("App", order["app_id"])},
            "retailLocation": order["location_id"] and {"id": gid("Location", order["location_id"])},
            "sourceName": order["source_name"],
            "shippingAddress": address(used[0]) if used else None,
        }
        for position, line in enumerate(self.rows("order_lines", order_id=number)):
            yield {
                "id": gid("LineItem", number * 10 % 2**53 + position + 1),
                "__parentId": whole,
                "title": "Line",
                "quantity": line["quantity"],
                "product": line["product_id"] and {"id": gid("Product", line["product_id"])},
                "variant": line["variant_id"] and {"id": gid("ProductVariant", line["variant_id"])},
                "originalUnitPriceSet": self.shop_money(line["price"]),
            }
        for one in self.rows("order_discounts", order_id=number):
            named = "code" if one["kind"] == "code" else "title"
            yield {"__typename": TYPES[one["kind"]], named: one["code"], "__parentId": whole}

    def checkouts(self) -> Iterator[Line]:
        """Of customers: those of visitors are told by their carts."""
        for one in self.rows("checkouts"):
            [person] = self.rows("people", id=one["person_id"])
            if person["customer_id"] is None:
                continue
            yield {
                "id": gid("AbandonedCheckout", int(one["token"].removeprefix("checkout"))),
                "abandonedCheckoutUrl": f"https://vanta.test/checkouts/{one['token']}/recover",
                "customer": {"id": gid("Customer", person["customer_id"])},
                "createdAt": one["started_at"].isoformat(),
                "updatedAt": one["updated_at"].isoformat(),
                "completedAt": one["updated_at"].isoformat() if one["completed"] else None,
                "totalLineItemsPriceSet": self.shop_money(100),
            }

    def events(self) -> list[Line]:
        """As another tool tells them."""
        told: list[Line] = []
        for one in self.rows("events"):
            line: Line = {"event_id": one["event_id"], "name": one["name"], "at": one["at"].isoformat()}
            line |= {name: one[name] for name in ("text",) if one[name] is not None}
            if one["value"] is not None:
                line["value"] = json.loads(one["value"])
            [person] = self.rows("people", id=one["person_id"])
            whose = {"customer_id": person["customer_id"]} if one["by_customer"] else {"visitor": self.visitor(person)}
            told.append(line | whose)
        return told

    def visitor(self, person: Mapping[str, Any]) -> str:
        """The token of the person's browser."""
        return str(self.rows("visitors", person_id=person["id"])[0]["token"])


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def cart_of(order: Row) -> str:
    return f"cart-of-{order['order_id']}"


def address(one: Row) -> Line:
    return {
        "id": gid("MailingAddress", one["number"]),
        "countryCodeV2": one["country"],
        "provinceCode": one["province"],
        **{name: one[name] for name in ("city", "zip", "latitude", "longitude")},
    }


def encoded(lines: Iterator[Line]) -> list[bytes]:
    return [json.dumps(line).encode() + b"\n" for line in lines]


EARLY = datetime.fromisoformat("2015-01-01T00:00:00.000001+00:00").isoformat()
TYPES = {
    "code": "DiscountCodeApplication",
    "automatic": "AutomaticDiscountApplication",
    "manual": "ManualDiscountApplication",
}
