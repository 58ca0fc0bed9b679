"""The shop: its access, its plan, its pixel."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table, Text, UniqueConstraint, text

from plugin.store.sealed import SealedBytes, SealedText
from plugin.store.types import BigId, Instant

from .columns import metadata, own_id, shop_id

shops = Table(
    "shops",
    metadata,
    own_id(),
    Column("domain", String(255), nullable=False, unique=True),  # name.myshopify.com, lower case
    Column("name", Text, nullable=False, server_default=""),
    Column("currency", String(3), nullable=False, server_default="USD"),
    Column("timezone", String(64), nullable=False, server_default="UTC"),  # IANA
    Column("storefront_url", Text),  # the primary domain, https://…
    Column("proxy_path", String(255), nullable=False, server_default="/apps/beckon"),  # as signed requests say it
    Column("scopes", Text, nullable=False, server_default=""),
    Column("access_token", SealedText),
    Column("access_expires_at", Instant),
    Column("refresh_token", SealedText),
    Column("refresh_expires_at", Instant),
    Column("needs_reconnect", Boolean, nullable=False, server_default=text("false")),  # the merchant must open the app
    Column("vapid_private", SealedBytes, nullable=False),  # 32 bytes; kept for ever: a change ends every subscription
    Column("vapid_public", LargeBinary, nullable=False),  # 65 bytes, uncompressed point
    Column("installed_at", Instant, nullable=False),
    Column("connected_at", Instant),  # Shopify gave tokens for a session token: the app was installed then
    Column("uninstalled_at", Instant),
    Column("script_seen_at", Instant),  # the storefront script called last
    Column("theme_name", Text),  # of the theme published last
    Column("theme_published_at", Instant),  # the script was not seen since? The bell is off in the new theme
    Column("keeps_name", Boolean, nullable=False, server_default=text("false")),  # level 2: see profile/contact.py
    Column("keeps_email", Boolean, nullable=False, server_default=text("false")),
    Column("keeps_phone", Boolean, nullable=False, server_default=text("false")),
    Column("keeps_address", Boolean, nullable=False, server_default=text("false")),
    Column("updated_at", Instant),  # Shopify's, of the shop's details
)

shop_plans = Table(
    "shop_plans",  # of a hosted offer, as Shopify told it last; a self-hosted installation has no row
    metadata,
    Column("shop_id", BigId, ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("shop_gid", String(100)),  # Shopify's ids of the shop and of the app: the Partner API asks with them
    Column("app_gid", String(100)),
    Column("development", Boolean, nullable=False, server_default=text("false")),  # a store that cannot be charged
    Column("plan", String(100)),  # its handle; empty: none was chosen
    Column("state", String(12)),  # none, active, trial, frozen, cancelled; empty: never known
    Column("request", String(12)),  # of the newest choice, not in force: pending, declined, expired
    Column("request_plan", String(100)),
    Column("test", Boolean, nullable=False, server_default=text("false")),
    Column("subscription_gid", String(100)),
    Column("month_from", Instant),  # a billing month began then; others follow every thirty days
    Column("trial_ends_at", Instant),
    Column("ends_at", Instant),  # the plan is cancelled at that time
    Column("next_plan", String(100)),  # chosen already, begins with the next month
    Column("known_at", Instant),  # Shopify told all this then
    Column("tried_at", Instant),
    Column("ask_at", Instant, nullable=False),  # the clock asks again then
    Column("error", Text),  # why the last try failed
)
Index(None, shop_plans.c.ask_at)

pixels = Table(
    "pixels",
    metadata,
    own_id(),
    shop_id(),
    Column("key", String(64), nullable=False, unique=True),  # names the shop in the pixel's posts; cannot be guessed
    Column("pixel_id", String(100)),  # Shopify's; empty until it is switched on
    Column("endpoint", Text),  # as Shopify's settings of the pixel have it
    Column("installed_at", Instant),  # of the installation it was switched on in: uninstalling takes it away
    Column("switched_on_at", Instant),
    Column("tried_at", Instant),
    Column("error", Text),  # what Shopify said at the last try, in words
    Column("heard_at", Instant),  # an event came last
    UniqueConstraint("shop_id"),
)
