"""The first schema

Revision: 0001
After: nothing
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from plugin.store.types import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "services",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("slow_until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_services")),
    )
    op.create_table(
        "shops",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="USD", nullable=False),
        sa.Column("timezone", sa.String(length=64), server_default="UTC", nullable=False),
        sa.Column("storefront_url", sa.Text(), nullable=True),
        sa.Column("proxy_path", sa.String(length=255), server_default="/apps/beckon", nullable=False),
        sa.Column("scopes", sa.Text(), server_default="", nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("access_expires_at", Instant(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("refresh_expires_at", Instant(), nullable=True),
        sa.Column("needs_reconnect", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("vapid_private", sa.LargeBinary(), nullable=False),
        sa.Column("vapid_public", sa.LargeBinary(), nullable=False),
        sa.Column("installed_at", Instant(), nullable=False),
        sa.Column("uninstalled_at", Instant(), nullable=True),
        sa.Column("script_seen_at", Instant(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shops")),
        sa.UniqueConstraint("domain", name=op.f("uq_shops_domain")),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_domain", sa.String(length=255), nullable=False),
        sa.Column("webhook_id", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("api_version", sa.String(length=20), nullable=True),
        sa.Column("triggered_at", Instant(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("hinted_at", Instant(), nullable=True),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("shop_domain", "webhook_id", name=op.f("uq_webhooks_shop_domain_webhook_id")),
    )
    op.create_index(op.f("ix_webhooks_state_webhooks_received_at"), "webhooks", ["state", "received_at"], unique=False)
    op.create_table(
        "automations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipe", sa.String(length=40), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("delay", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("enabled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_automations_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automations")),
        sa.UniqueConstraint("shop_id", "recipe", name=op.f("uq_automations_shop_id_recipe")),
    )
    op.create_table(
        "backfills",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("operation_id", sa.String(length=100), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("offset", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("objects", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_backfills_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backfills")),
        sa.UniqueConstraint("shop_id", "kind", name=op.f("uq_backfills_shop_id_kind")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("customer_added_at", Instant(), nullable=True),
        sa.Column("customer_updated_at", Instant(), nullable=True),
        sa.Column("customer_deleted_at", Instant(), nullable=True),
        sa.Column("countries_at", Instant(), nullable=True),
        sa.Column("tags_at", Instant(), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("locale_at", Instant(), nullable=True),
        sa.Column("number_of_orders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("amount_spent", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_order_at", Instant(), nullable=True),
        sa.Column("last_order_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_people_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("shop_id", "customer_id", name=op.f("uq_people_shop_id_customer_id")),
    )
    op.create_index(op.f("ix_people_shop_id_people_amount_spent"), "people", ["shop_id", "amount_spent"], unique=False)
    op.create_index(
        op.f("ix_people_shop_id_people_customer_added_at"), "people", ["shop_id", "customer_added_at"], unique=False
    )
    op.create_index(
        op.f("ix_people_shop_id_people_first_order_at"), "people", ["shop_id", "first_order_at"], unique=False
    )
    op.create_index(
        op.f("ix_people_shop_id_people_last_order_at"), "people", ["shop_id", "last_order_at"], unique=False
    )
    op.create_index(
        op.f("ix_people_shop_id_people_number_of_orders"), "people", ["shop_id", "number_of_orders"], unique=False
    )
    op.create_table(
        "product_tags",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_product_tags_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("shop_id", "product_id", "key", name=op.f("uq_product_tags_shop_id_product_id_key")),
    )
    op.create_index(
        op.f("ix_product_tags_shop_id_product_tags_key_product_tags_product_id"),
        "product_tags",
        ["shop_id", "key", "product_id"],
        unique=False,
    )
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("vendor", sa.Text(), nullable=True),
        sa.Column("product_type", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_products_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("shop_id", "product_id", name=op.f("uq_products_shop_id_product_id")),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_refunds_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("shop_id", "refund_id", name=op.f("uq_refunds_shop_id_refund_id")),
    )
    op.create_index(op.f("ix_refunds_shop_id_refunds_order_id"), "refunds", ["shop_id", "order_id"], unique=False)
    op.create_table(
        "segments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_segments_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
    )
    op.create_index(op.f("ix_segments_shop_id"), "segments", ["shop_id"], unique=False)
    op.create_table(
        "variants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("variant_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("inventory", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_variants_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("shop_id", "variant_id", name=op.f("uq_variants_shop_id_variant_id")),
    )
    op.create_index(
        op.f("ix_variants_shop_id_variants_product_id"), "variants", ["shop_id", "product_id"], unique=False
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("segment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("url", sa.Text(), server_default="", nullable=False),
        sa.Column("image_url", sa.Text(), nullable=True),
        sa.Column("ttl", sa.Integer(), server_default="86400", nullable=False),
        sa.Column("urgency", sa.String(length=10), server_default="normal", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("scheduled_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("audience", sa.Integer(), nullable=True),
        sa.Column("cursor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_person", sa.BigInteger(), nullable=True),
        sa.Column("fanned_out_at", Instant(), nullable=True),
        sa.Column("hinted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["segment_id"], ["segments.id"], name=op.f("fk_campaigns_segment_id_segments")),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_campaigns_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_index(op.f("ix_campaigns_shop_id_campaigns_state"), "campaigns", ["shop_id", "state"], unique=False)
    op.create_index(
        op.f("ix_campaigns_state_campaigns_scheduled_at"), "campaigns", ["state", "scheduled_at"], unique=False
    )
    op.create_table(
        "carts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("token", sa.String(length=255), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column(
            "lines", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=False
        ),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("checkout_token", sa.String(length=255), nullable=True),
        sa.Column("recovery_url", sa.Text(), nullable=True),
        sa.Column("checkout_updated_at", Instant(), nullable=True),
        sa.Column("ordered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_carts_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_carts_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sa.UniqueConstraint("shop_id", "token", name=op.f("uq_carts_shop_id_token")),
    )
    op.create_index(op.f("ix_carts_person_id_carts_updated_at"), "carts", ["person_id", "updated_at"], unique=False)
    op.create_table(
        "enrollments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("automation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("hinted_at", Instant(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["automation_id"],
            ["automations.id"],
            name=op.f("fk_enrollments_automation_id_automations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_enrollments_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_enrollments_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollments")),
        sa.UniqueConstraint("automation_id", "subject", name=op.f("uq_enrollments_automation_id_subject")),
    )
    op.create_index(op.f("ix_enrollments_person_id"), "enrollments", ["person_id"], unique=False)
    op.create_index(op.f("ix_enrollments_state_enrollments_due_at"), "enrollments", ["state", "due_at"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("variant_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_order_lines_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_order_lines_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("shop_id", "order_id", "position", name=op.f("uq_order_lines_shop_id_order_id_position")),
    )
    op.create_index(
        op.f("ix_order_lines_person_id_order_lines_placed_at_order_lines_product_id"),
        "order_lines",
        ["person_id", "placed_at", "product_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_order_lines_shop_id_order_lines_product_id_order_lines_placed_at_order_lines_person_id"),
        "order_lines",
        ["shop_id", "product_id", "placed_at", "person_id"],
        unique=False,
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("cancelled_at", Instant(), nullable=True),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("test", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("cart_token", sa.String(length=255), nullable=True),
        sa.Column("checkout_token", sa.String(length=255), nullable=True),
        sa.Column("app_id", sa.BigInteger(), nullable=True),
        sa.Column("location_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_orders_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_orders_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("shop_id", "order_id", name=op.f("uq_orders_shop_id_order_id")),
    )
    op.create_index(
        "ix_orders_not_counting",
        "orders",
        ["shop_id", "order_id"],
        unique=False,
        sqlite_where=sa.text("test = 1 OR deleted_at IS NOT NULL"),
        postgresql_where=sa.text("test OR deleted_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_orders_person_id_orders_placed_at"), "orders", ["person_id", "placed_at"], unique=False)
    op.create_index(op.f("ix_orders_shop_id_orders_cart_token"), "orders", ["shop_id", "cart_token"], unique=False)
    op.create_index(op.f("ix_orders_shop_id_orders_placed_at"), "orders", ["shop_id", "placed_at"], unique=False)
    op.create_table(
        "person_countries",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("changed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_person_countries_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_person_countries_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", "country", name=op.f("uq_person_countries_person_id_country")),
    )
    op.create_index(
        op.f("ix_person_countries_shop_id_person_countries_country_person_countries_person_id"),
        "person_countries",
        ["shop_id", "country", "person_id"],
        unique=False,
    )
    op.create_table(
        "person_tags",
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("removed", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_person_tags_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_person_tags_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_person_tags_person_id_key")),
    )
    op.create_index(
        op.f("ix_person_tags_shop_id_person_tags_key_person_tags_person_id"),
        "person_tags",
        ["shop_id", "key", "person_id"],
        unique=False,
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("service", sa.String(length=255), nullable=False),
        sa.Column("p256dh", sa.LargeBinary(), nullable=False),
        sa.Column("auth", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=15), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_subscriptions_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_subscriptions_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("shop_id", "endpoint_hash", name=op.f("uq_subscriptions_shop_id_endpoint_hash")),
    )
    op.create_index(
        op.f("ix_subscriptions_person_id_subscriptions_state"), "subscriptions", ["person_id", "state"], unique=False
    )
    op.create_index(
        op.f("ix_subscriptions_shop_id_subscriptions_state_subscriptions_created_at"),
        "subscriptions",
        ["shop_id", "state", "created_at"],
        unique=False,
    )
    op.create_table(
        "views",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_views_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_views_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views")),
        sa.UniqueConstraint("shop_id", "event_id", name=op.f("uq_views_shop_id_event_id")),
    )
    op.create_index(op.f("ix_views_person_id_views_at"), "views", ["person_id", "at"], unique=False)
    op.create_table(
        "visitors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("cart_token", sa.String(length=255), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_visitors_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_visitors_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visitors")),
        sa.UniqueConstraint("shop_id", "token", name=op.f("uq_visitors_shop_id_token")),
    )
    op.create_index(op.f("ix_visitors_person_id"), "visitors", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_visitors_shop_id_visitors_cart_token"), "visitors", ["shop_id", "cart_token"], unique=False
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=15), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("wording", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_consents_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_consents_shop_id_shops"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_consents_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_person_id"), "consents", ["person_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("enrollment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("step", sa.Integer(), server_default="0", nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "message", sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"), nullable=True
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("hinted_at", Instant(), nullable=True),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_deliveries_campaign_id_campaigns"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["enrollment_id"],
            ["enrollments.id"],
            name=op.f("fk_deliveries_enrollment_id_enrollments"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_deliveries_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["shop_id"], ["shops.id"], name=op.f("fk_deliveries_shop_id_shops"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_deliveries_subscription_id_subscriptions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("campaign_id", "person_id", name=op.f("uq_deliveries_campaign_id_person_id")),
        sa.UniqueConstraint("enrollment_id", "step", name=op.f("uq_deliveries_enrollment_id_step")),
        sa.UniqueConstraint("token", name=op.f("uq_deliveries_token")),
    )
    op.create_index(
        op.f("ix_deliveries_campaign_id_deliveries_state_deliveries_hinted_at"),
        "deliveries",
        ["campaign_id", "state", "hinted_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_deliveries_person_id_deliveries_created_at"), "deliveries", ["person_id", "created_at"], unique=False
    )
    op.create_index(op.f("ix_deliveries_state_deliveries_due_at"), "deliveries", ["state", "due_at"], unique=False)
    op.create_table(
        "facts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_facts_delivery_id_deliveries"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_facts_shop_id_shops"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
        sa.UniqueConstraint(
            "shop_id", "delivery_id", "kind", "order_id", name=op.f("uq_facts_shop_id_delivery_id_kind_order_id")
        ),
    )
    op.create_index(op.f("ix_facts_shop_id_facts_kind_facts_at"), "facts", ["shop_id", "kind", "at"], unique=False)
    op.create_index(
        "uq_facts_converted",
        "facts",
        ["shop_id", "order_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'converted'"),
        postgresql_where=sa.text("kind = 'converted'"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_facts_converted",
        table_name="facts",
        sqlite_where=sa.text("kind = 'converted'"),
        postgresql_where=sa.text("kind = 'converted'"),
    )
    op.drop_index(op.f("ix_facts_shop_id_facts_kind_facts_at"), table_name="facts")
    op.drop_table("facts")
    op.drop_index(op.f("ix_deliveries_state_deliveries_due_at"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_person_id_deliveries_created_at"), table_name="deliveries")
    op.drop_index(op.f("ix_deliveries_campaign_id_deliveries_state_deliveries_hinted_at"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_consents_person_id"), table_name="consents")
    op.drop_table("consents")
    op.drop_index(op.f("ix_visitors_shop_id_visitors_cart_token"), table_name="visitors")
    op.drop_index(op.f("ix_visitors_person_id"), table_name="visitors")
    op.drop_table("visitors")
    op.drop_index(op.f("ix_views_person_id_views_at"), table_name="views")
    op.drop_table("views")
    op.drop_index(
        op.f("ix_subscriptions_shop_id_subscriptions_state_subscriptions_created_at"), table_name="subscriptions"
    )
    op.drop_index(op.f("ix_subscriptions_person_id_subscriptions_state"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index(op.f("ix_person_tags_shop_id_person_tags_key_person_tags_person_id"), table_name="person_tags")
    op.drop_table("person_tags")
    op.drop_index(
        op.f("ix_person_countries_shop_id_person_countries_country_person_countries_person_id"),
        table_name="person_countries",
    )
    op.drop_table("person_countries")
    op.drop_index(op.f("ix_orders_shop_id_orders_placed_at"), table_name="orders")
    op.drop_index(op.f("ix_orders_shop_id_orders_cart_token"), table_name="orders")
    op.drop_index(op.f("ix_orders_person_id_orders_placed_at"), table_name="orders")
    op.drop_index(
        "ix_orders_not_counting",
        table_name="orders",
        sqlite_where=sa.text("test = 1 OR deleted_at IS NOT NULL"),
        postgresql_where=sa.text("test OR deleted_at IS NOT NULL"),
    )
    op.drop_table("orders")
    op.drop_index(
        op.f("ix_order_lines_shop_id_order_lines_product_id_order_lines_placed_at_order_lines_person_id"),
        table_name="order_lines",
    )
    op.drop_index(
        op.f("ix_order_lines_person_id_order_lines_placed_at_order_lines_product_id"), table_name="order_lines"
    )
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_enrollments_state_enrollments_due_at"), table_name="enrollments")
    op.drop_index(op.f("ix_enrollments_person_id"), table_name="enrollments")
    op.drop_table("enrollments")
    op.drop_index(op.f("ix_carts_person_id_carts_updated_at"), table_name="carts")
    op.drop_table("carts")
    op.drop_index(op.f("ix_campaigns_state_campaigns_scheduled_at"), table_name="campaigns")
    op.drop_index(op.f("ix_campaigns_shop_id_campaigns_state"), table_name="campaigns")
    op.drop_table("campaigns")
    op.drop_index(op.f("ix_variants_shop_id_variants_product_id"), table_name="variants")
    op.drop_table("variants")
    op.drop_index(op.f("ix_segments_shop_id"), table_name="segments")
    op.drop_table("segments")
    op.drop_index(op.f("ix_refunds_shop_id_refunds_order_id"), table_name="refunds")
    op.drop_table("refunds")
    op.drop_table("products")
    op.drop_index(op.f("ix_product_tags_shop_id_product_tags_key_product_tags_product_id"), table_name="product_tags")
    op.drop_table("product_tags")
    op.drop_index(op.f("ix_people_shop_id_people_number_of_orders"), table_name="people")
    op.drop_index(op.f("ix_people_shop_id_people_last_order_at"), table_name="people")
    op.drop_index(op.f("ix_people_shop_id_people_first_order_at"), table_name="people")
    op.drop_index(op.f("ix_people_shop_id_people_customer_added_at"), table_name="people")
    op.drop_index(op.f("ix_people_shop_id_people_amount_spent"), table_name="people")
    op.drop_table("people")
    op.drop_table("backfills")
    op.drop_table("automations")
    op.drop_index(op.f("ix_webhooks_state_webhooks_received_at"), table_name="webhooks")
    op.drop_table("webhooks")
    op.drop_table("shops")
    op.drop_table("services")
    op.drop_table("leases")
