"""Which types a token may see: by the scopes it was given, and by what the hand hides.

The types and their scopes are those of Shopify's schema (a test compares them): of each set one scope is enough.
"""

from __future__ import annotations

import json

from graphql import GraphQLError

from sandbox.state import Db, fact
from sandbox.webhooks import subscriptions
from sandbox.world import World

_MEDIA = frozenset(
    {
        "read_draft_orders",
        "read_files",
        "read_images",
        "read_orders",
        "read_products",
        "read_quick_sale",
        "read_themes",
    }
)
_ORDERS = ("read_orders", "read_marketplace_orders")
NEEDED: dict[str, frozenset[str]] = {
    "AbandonedCheckout": frozenset({"read_orders"}),
    "Collection": frozenset({"read_products"}),
    "Company": frozenset({"read_companies", "read_customers"}),
    "CompanyContact": frozenset({"read_companies", "read_customers"}),
    "Customer": frozenset({"read_customers"}),
    "CustomerEmailAddress": frozenset({"read_customers"}),
    "CustomerPhoneNumber": frozenset({"read_customers"}),
    "CustomerSegmentMember": frozenset({"read_customers"}),
    "CustomerSegmentMembersQuery": frozenset({"read_customers"}),
    "CustomerSegmentMembersQueryUserError": frozenset({"read_customers"}),
    "CustomerStatistics": frozenset({"read_customers"}),
    "ErrorsWebPixelUserError": frozenset({"read_pixels"}),
    "InventoryItem": frozenset({"read_inventory", "read_products"}),
    "LineItem": frozenset(_ORDERS),
    "Location": frozenset({"read_locations", "read_inventory", "read_markets_home"}),
    "Media": _MEDIA,
    "MediaImage": _MEDIA,
    "MediaPreviewImage": frozenset({"read_products", "read_files", "read_images"}),
    "Order": frozenset({*_ORDERS, "read_quick_sale"}),
    "OrderApp": frozenset({"read_orders"}),
    "Product": frozenset({"read_products"}),
    "ProductVariant": frozenset({"read_products"}),
    "Refund": frozenset(_ORDERS),
    "Segment": frozenset({"read_customers"}),
    "StoreCreditAccount": frozenset({"read_store_credit_accounts"}),
    "WebPixel": frozenset({"read_pixels"}),
}


ALL = frozenset(scope for some in NEEDED.values() for scope in some)
"""Of a token that may see everything."""


def grant(world: World, access: str, since: str | None = None) -> list[str]:
    """Gives a new token the scopes of the app's file as it is now, or those of the token before it."""
    row = world.db.execute("SELECT scopes FROM granted WHERE access = ?", (since,)).fetchone() if since else None
    given: list[str] = json.loads(row["scopes"]) if row else subscriptions.scopes(world.settings.app_toml)
    world.db.execute("INSERT OR REPLACE INTO granted VALUES (?, ?)", (access, json.dumps(given)))
    return given


def of(db: Db, access: str | None) -> frozenset[str]:
    row = db.execute("SELECT scopes FROM granted WHERE access = ?", (access,)).fetchone()
    given = set(json.loads(row["scopes"])) if row else set()
    return frozenset(given | {scope.replace("write_", "read_", 1) for scope in given})


def hidden(world: World) -> frozenset[str]:
    """Types that the hand hides, as Shopify hides customers from an app without approval."""
    return frozenset((fact(world.db, "admin_trouble") or {}).get("hide", []))


def is_denied(kind: str, scopes: frozenset[str], hides: frozenset[str]) -> bool:
    return kind in hides or (kind in NEEDED and not NEEDED[kind] & scopes)


def denied(kind: str, field: str) -> GraphQLError:
    """The error in the place of a field of that type."""
    access = " or ".join(f"`{scope}` access scope" for scope in sorted(NEEDED.get(kind, {"protected customer data"})))
    told = {"code": "ACCESS_DENIED", "requiredAccess": f"{access}."}
    return GraphQLError(f"Access denied for {field} field. Required access: {access}.", extensions=told)
