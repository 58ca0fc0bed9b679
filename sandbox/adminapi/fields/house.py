"""The shop, the app in it, and what the app has running."""

from __future__ import annotations

from sandbox import shop
from sandbox.billing import adminapi as billing
from sandbox.billing import dashboard
from sandbox.shop import gid
from sandbox.webhooks import subscriptions

from .reading import Fields, always, column, global_id, keys

SHOP: Fields = {
    "id": always(gid("Shop", shop.SHOP_ID)),
    "name": always(shop.NAME),
    "email": always(shop.EMAIL),
    "contactEmail": always(shop.EMAIL),
    "myshopifyDomain": always(shop.DOMAIN),
    "url": lambda world, _: world.settings.url,
    "primaryDomain": always(gid("Domain", shop.SHOP_ID)),
    "currencyCode": always(shop.CURRENCY),
    "ianaTimezone": always(shop.TIMEZONE.key),
    "timezoneAbbreviation": always("GMT"),
    "plan": lambda world, _: {
        "partnerDevelopment": dashboard.rules(world).development,
        "publicDisplayName": "Basic",
        "shopifyPlus": False,
    },
}
DOMAIN: Fields = {
    "id": always(gid("Domain", shop.SHOP_ID)),
    "host": lambda world, _: world.settings.url.partition("//")[2],
    "url": lambda world, _: world.settings.url,
    "sslEnabled": always(value=False),
}
APP: Fields = {
    "id": always(gid("App", 8200)),
    "title": always("Beckon"),
    "handle": always(shop.PROXY_SUBPATH),
    "apiKey": lambda world, _: world.settings.api_key,
}
APP_INSTALLATION: Fields = {
    "id": always(gid("AppInstallation", 8200)),
    "accessScopes": lambda world, _: subscriptions.scopes(world.settings.app_toml),
    "launchUrl": lambda world, _: f"{world.settings.admin_url}/store/{shop.HANDLE}/apps/{shop.PROXY_SUBPATH}",
    "app": always(gid("App", 8200)),
    "activeSubscriptions": lambda world, _: billing.active(world),
    "allSubscriptions": lambda world, _: billing.every(world),
}
SHOP_PLAN = keys("partnerDevelopment", "publicDisplayName", "shopifyPlus")
SUBSCRIPTION = keys(
    "id", "name", "status", "test", "trialDays", "createdAt", "currentPeriodEnd", "returnUrl", "lineItems"
)
SUBSCRIPTION_LINE = keys("id", "plan")
APP_PLAN = keys("pricingDetails")
RECURRING = keys("interval", "planHandle", "price")
USAGE = keys("terms")
ACCESS_SCOPE: Fields = {"handle": lambda _, scope: scope, "description": lambda _, scope: scope.replace("_", " ")}
LOCATION: Fields = {"id": always(gid("Location", shop.LOCATION_ID)), "name": always("Shop location")}
WEB_PIXEL: Fields = {"id": lambda _, pixel: pixel["id"], "settings": lambda _, pixel: pixel["settings"]}
BULK: Fields = {
    "id": global_id("BulkOperation"),
    "status": column("status"),
    "errorCode": column("error"),
    "createdAt": column("created_at"),
    "completedAt": column("completed_at"),
    "objectCount": lambda _, row: str(row["objects"]),
    "rootObjectCount": lambda _, row: str(row["roots"]),
    "fileSize": lambda _, row: str(row["size"]) if row["size"] else None,
    "url": lambda world, row: (
        f"{world.settings.url}/shops/{shop.DOMAIN}/bulk/{row['id']}.jsonl"
        if row["status"] == "COMPLETED" and row["objects"]
        else None
    ),
    "partialDataUrl": lambda world, row: (
        f"{world.settings.url}/shops/{shop.DOMAIN}/bulk/{row['id']}.jsonl"
        if row["status"] == "FAILED" and row["size"]
        else None
    ),
    "query": column("query"),
    "type": always("QUERY"),
}
