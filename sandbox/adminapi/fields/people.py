"""Customers and addresses."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from sandbox import facts_of_people, shop
from sandbox.history.countries import NAMES
from sandbox.places import Town, town
from sandbox.shop import gid
from sandbox.world import World

from .reading import Fields, always, column, global_id, keys, listed


@dataclass(frozen=True, slots=True)
class Address:
    """A customer's or an order's: a country is known, the town is chosen by the number of whose it is."""

    owner: int
    place: int
    country: str
    number: int

    @property
    def town(self) -> Town:
        return town(self.country, self.number)


def _addresses(_: World, customer: sqlite3.Row) -> tuple[Address, ...]:
    number = customer["id"]
    return tuple(Address(number, place, code, number) for place, code in enumerate(json.loads(customer["countries"])))


def _email_state(world: World, number: int) -> str:
    mine = "SELECT state FROM consents WHERE customer_id = ? AND channel = 'email'"
    told = world.db.execute(mine, (number,)).fetchone()
    return str(told["state"]).upper() if told else "NOT_SUBSCRIBED"


CUSTOMER: Fields = {
    "id": global_id("Customer"),
    "legacyResourceId": lambda _, row: str(row["id"]),
    "displayName": lambda _, row: f"{row['first_name']} {row['last_name']}",
    "firstName": column("first_name"),
    "lastName": column("last_name"),
    "email": column("email"),
    "defaultEmailAddress": lambda _, row: row,
    "defaultPhoneNumber": always(None),
    "locale": always(shop.LOCALE),
    "state": lambda _, row: facts_of_people.account_status(row),
    "productSubscriberStatus": lambda _, row: facts_of_people.subscriber_status(row),
    "statistics": lambda _, row: row,
    "companyContactProfiles": lambda _, row: facts_of_people.companies(row),
    "metafields": lambda _, row: tuple(
        field | {"id": row["id"] * 100 + place} for place, field in enumerate(json.loads(row["metafields"]))
    ),
    "storeCreditAccounts": lambda _, row: (row,) if row["credit"] else (),
    "tags": listed("tags"),
    "note": always(None),
    "numberOfOrders": lambda _, row: str(row["orders"]),
    "amountSpent": column("spent"),
    "lastOrder": lambda world, row: world.db.execute(
        "SELECT * FROM orders WHERE customer_id = ? ORDER BY placed_at DESC, id DESC LIMIT 1", (row["id"],)
    ).fetchone(),
    "createdAt": column("created_at"),
    "updatedAt": column("updated_at"),
    "defaultAddress": lambda world, row: next(iter(_addresses(world, row)), None),
    "addresses": lambda world, row: list(_addresses(world, row)),
    "addressesV2": _addresses,
    "orders": lambda world, row: tuple(
        world.db.execute("SELECT * FROM orders WHERE customer_id = ? ORDER BY placed_at, id", (row["id"],))
    ),
}
SEGMENT: Fields = {
    "id": lambda _, row: gid("Segment", row["id"]),
    "name": column("name"),
    "query": column("query"),
    "creationDate": column("created_at"),
    "lastEditDate": column("updated_at"),
}
MEMBER: Fields = {
    "id": lambda _, one: gid("CustomerSegmentMember", one.number),
    "numberOfOrders": lambda _, one: str(one.orders),
    "amountSpent": lambda _, one: int(one.spent * 100),
}
EMAIL_ADDRESS: Fields = {
    "emailAddress": column("email"),
    "marketingState": lambda world, row: _email_state(world, row["id"]),
}
STATISTICS: Fields = {
    "predictedSpendTier": lambda _, row: facts_of_people.spend_tier(row),
    "rfmGroup": lambda _, row: facts_of_people.rfm_group(row),
}
METAFIELD: Fields = {"id": global_id("Metafield"), **keys("namespace", "key", "type", "value")}
CREDIT: Fields = {"id": global_id("StoreCreditAccount"), "balance": column("credit")}
COMPANY_CONTACT: Fields = {
    "id": lambda _, number: gid("CompanyContact", number),
    "company": lambda _, number: number,
}
COMPANY: Fields = {"id": lambda _, number: gid("Company", number), "name": lambda _, number: f"Company {number}"}
PHONE_NUMBER: Fields = {"phoneNumber": always("")}  # nobody here has one
ADDRESS: Fields = {
    "id": lambda _, at: f"{gid('MailingAddress', at.owner * 100 + at.place)}?model_name=CustomerAddress",
    "country": lambda _, at: NAMES.get(at.country, at.country),
    "countryCodeV2": lambda _, at: at.country,
    "provinceCode": lambda _, at: at.town.province,
    "province": lambda _, at: at.town.province,
    "city": lambda _, at: at.town.city or None,
    "zip": lambda _, at: at.town.postcode or None,
    "latitude": lambda _, at: at.town.latitude if at.town.city else None,
    "longitude": lambda _, at: at.town.longitude if at.town.city else None,
}
