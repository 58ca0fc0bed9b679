"""What happened, in our words: frozen values that parsers make and `profile.apply` applies.

Money is in minor units of the shop's currency, instants are aware. `None` for a tuple means "the payload did not say";
an empty tuple means "there are none". Every event may come late, twice, or out of order.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .browsing import Article, Page
from .cities import Spot
from .metafields import Metafield
from .places import Place


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order or a cart; `product_id` None for a custom line."""

    product_id: int | None
    variant_id: int | None
    title: str
    quantity: int
    price: int
    line_id: int | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back: known again by its id, whoever tells of it."""

    refund_id: int
    amount: int
    at: datetime | None = None
    """When the money went back; None where the payload does not say."""


@dataclass(frozen=True, slots=True)
class Discount:
    """What made an order cheaper. `kind`: code, automatic, manual. `code` as the customer wrote it, or the automatic
    one's title; empty for a manual one, whose title is free text."""

    kind: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class OrderChanged:
    """orders/create, paid, updated, cancelled…, and an order of the history: its whole state at `updated_at`."""

    order_id: int
    name: str
    customer_id: int | None
    placed_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None
    currency: str
    total: int
    refunds: tuple[Refund, ...]
    test: bool
    lines: tuple[Line, ...]
    cart_token: str | None = None
    checkout_token: str | None = None
    app_id: int | None = None
    location_id: int | None = None
    countries: tuple[str, ...] = ()
    """Of its addresses; they become the customer's."""
    places: tuple[Place, ...] = ()
    source_name: str | None = None
    """The channel: web, pos, shopify_draft_order, or an app's name or number."""
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderRefunded:
    """refunds/create: only part of an order's state; `refund_id` makes it countable once."""

    order_id: int
    refund_id: int
    amount: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LinesFound:
    """Further lines and discounts of an order of the history, which came apart from it."""

    order_id: int
    lines: tuple[Line, ...]
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderDeleted:
    order_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """Level 2 of protected customer data: only what the merchant switched on is ever put in here.

    `says` names the fields that were told ("name", "email", "phone"); the others are None because nobody asked.
    """

    says: frozenset[str]
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def email_domain(self) -> str | None:
        """`example.com` of `Ann@Example.com`."""
        _, at, domain = (self.email or "").rpartition("@")
        return domain.casefold() if at and domain else None


@dataclass(frozen=True, slots=True)
class Purchases:
    """Shopify's own sums of a customer: of all orders, also of those that we may not read."""

    orders: int
    spent: int
    last_order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What Shopify reckons of a customer, as the Admin API alone tells it; None: it says nothing."""

    subscriber_status: str | None
    """Of product subscriptions: ACTIVE, PAUSED, NEVER_SUBSCRIBED…"""
    spend_tier: str | None
    rfm_group: str | None


@dataclass(frozen=True, slots=True)
class Credit:
    """A store credit account. `balance` with the decimals of the shop's currency, also where its own has others."""

    account_id: int
    currency: str
    balance: int


@dataclass(frozen=True, slots=True)
class CustomerChanged:
    """customers/create, customers/update, and a customer of the history."""

    customer_id: int
    added_at: datetime | None
    updated_at: datetime
    locale: str | None = None
    countries: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    contact: Contact | None = None
    purchases: Purchases | None = None
    email_status: str | None = None
    sms_status: str | None = None
    places: tuple[Place, ...] | None = None
    """Told with the countries, or not at all."""
    account_status: str | None = None
    """ENABLED, DISABLED, INVITED, DECLINED."""
    standing: Standing | None = None
    metafields: tuple[Metafield, ...] | None = None
    companies: tuple[int, ...] | None = None
    """Those that the customer is a contact of, by Shopify's ids."""
    credits: tuple[Credit, ...] | None = None


@dataclass(frozen=True, slots=True)
class PurchasesTold:
    """customers/purchasing_summary."""

    customer_id: int
    purchases: Purchases
    at: datetime


@dataclass(frozen=True, slots=True)
class MarketingConsentChanged:
    """customers_email_marketing_consent/update and customers_marketing_consent/update (SMS).

    `channel` is "email" or "sms"; `status` as in segments, SUBSCRIBED; None: Shopify has none.
    """

    customer_id: int
    channel: str
    status: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomersMerged:
    """customers/merge: Shopify made one customer of two. News of the lost one may still come: it is the kept one's."""

    lost_id: int
    kept_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerTagged:
    """customer.tags_added and customer.tags_removed."""

    customer_id: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class CustomerPartsFound:
    """Further addresses, metafields and store credit of a customer of the history, which came apart from it."""

    customer_id: int
    countries: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    metafields: tuple[Metafield, ...] = ()
    credits: tuple[Credit, ...] = ()


@dataclass(frozen=True, slots=True)
class CustomerDeleted:
    customer_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Variant:
    variant_id: int
    title: str
    sku: str | None
    price: int
    inventory: int | None
    """Pieces at all locations together; None where nobody counts them, or the payload does not say."""
    tracked: bool | None = None
    """Whether the pieces are counted at all; None where the payload does not say."""
    inventory_item_id: int | None = None
    inventory_policy: str | None = None
    """`continue` sells on without stock, `deny` does not."""


@dataclass(frozen=True, slots=True)
class ProductChanged:
    product_id: int
    title: str
    handle: str
    image_url: str | None
    vendor: str | None
    product_type: str | None
    status: str
    tags: tuple[str, ...]
    variants: tuple[Variant, ...]
    updated_at: datetime
    category: str | None = None
    """Shopify's taxonomy, whole: "Apparel & Accessories > Clothing"."""


@dataclass(frozen=True, slots=True)
class VariantsFound:
    """Further variants of a product of the history, which came apart from it."""

    product_id: int
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class ProductDeleted:
    product_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StockTurned:
    """variants/in_stock and variants/out_of_stock: what the storefront sells, or no longer sells, from now on."""

    variant_id: int
    in_stock: bool
    inventory: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class LevelChanged:
    """inventory_levels/update: pieces at one location; `available` None where nobody counts them."""

    inventory_item_id: int
    location_id: int
    available: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DiscountChanged:
    """discounts/create, discounts/update. `discount_id` is Shopify's gid: codes and automatic ones count apart."""

    discount_id: str
    title: str
    status: str
    starts_at: datetime | None
    ends_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DiscountDeleted:
    discount_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RedeemCodeChanged:
    """discounts/redeemcode_added and discounts/redeemcode_removed: one code of a discount."""

    discount_id: str
    code_id: str
    code: str
    removed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class ShopifySegmentChanged:
    """segments/create, segments/update: a segment of the store's own, in Shopify's language."""

    segment_id: int
    name: str
    query: str
    created_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ShopifySegmentDeleted:
    segment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FulfillmentChanged:
    """fulfillments/create, fulfillments/update, and each shipment that an order names."""

    fulfillment_id: int
    order_id: int
    status: str | None
    shipment_status: str | None
    tracking_company: str | None
    tracking_number: str | None
    tracking_url: str | None
    created_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ThemePublished:
    """themes/publish: another theme is the storefront now, in which the bell may not be switched on."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CollectionChanged:
    """collections/create, collections/update, and a collection as the Admin API tells it.

    Webhooks do not tell its products: `product_ids` None. Where they were read, `read_at` is the instant before that.
    """

    collection_id: int
    title: str
    handle: str
    updated_at: datetime
    product_ids: tuple[int, ...] | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MembersFound:
    """Further products of a collection of the history, which came apart from it."""

    collection_id: int
    product_ids: tuple[int, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class CollectionDeleted:
    collection_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CartChanged:
    """carts/create, carts/update: lines and a token, no person (Shopify sends none)."""

    token: str
    lines: tuple[Line, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutChanged:
    """checkouts/create, checkouts/update, and an abandoned checkout of the history, which names no cart."""

    token: str
    cart_token: str | None
    customer_id: int | None
    lines: tuple[Line, ...]
    recovery_url: str | None
    updated_at: datetime
    completed_at: datetime | None
    total: int | None = None
    """Of its lines; None where they are told themselves."""


@dataclass(frozen=True, slots=True)
class CheckoutDeleted:
    """checkouts/delete: its recovery link leads nowhere any more. Shopify names it by its cart alone."""

    cart_token: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Viewed:
    """The storefront script or the web pixel: a visitor looked at something, or did something with the cart."""

    event_id: str
    visitor: str
    product_id: int | None
    at: datetime
    kind: str = "product_viewed"
    collection_id: int | None = None
    words: str | None = None
    article: Article | None = None
    page: Page | None = None


@dataclass(frozen=True, slots=True)
class Stayed:
    """The storefront script: the visitor's page was still before them at that instant."""

    visitor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ToldElsewhere:
    """The events API: something that another tool knows of a customer, or of a visitor whom the storefront knows."""

    event_id: str
    customer_id: int | None
    visitor: str | None
    name: str
    at: datetime
    value: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """The storefront script: a shopper declared something of themselves."""

    event_id: str
    visitor: str
    question: str
    answer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Located:
    """Where a browser is: `told_by` its "shopper", or by its network "address"."""

    visitor: str
    told_by: str
    spot: Spot
    at: datetime


@dataclass(frozen=True, slots=True)
class CartSeen:
    """The storefront script: this visitor has this cart. Ties a cart, which names nobody, to a person."""

    visitor: str
    cart_token: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ShopChanged:
    """shop/update, and the shop as the Admin API tells it. `timezone` None: it was not told."""

    name: str
    currency: str
    timezone: str | None
    storefront_url: str | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Uninstalled:
    at: datetime


@dataclass(frozen=True, slots=True)
class ScopesChanged:
    scopes: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class BulkFinished:
    """bulk_operations/finish: a part of the history can be read."""

    operation_id: str


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """app_subscriptions/update: which plan the shop has now, we ask Shopify."""

    subscription_gid: str


@dataclass(frozen=True, slots=True)
class DataRequested:
    """customers/data_request: a customer wants to know what is held of them. `reference`: Shopify's number of it."""

    customer_id: int
    order_ids: tuple[int, ...]
    reference: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerRedacted:
    """customers/redact: the law asks us to forget this customer and these orders. `addresses`: e-mail, telephone."""

    customer_id: int
    order_ids: tuple[int, ...]
    addresses: tuple[str, ...]
    reference: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class ShopRedacted:
    """shop/redact: the law asks us to forget the shop, 48 hours after it left."""

    reference: str
    asked_at: datetime


Event = (
    OrderChanged
    | OrderRefunded
    | LinesFound
    | OrderDeleted
    | CustomerChanged
    | CustomerTagged
    | CustomerPartsFound
    | PurchasesTold
    | MarketingConsentChanged
    | CustomersMerged
    | CustomerDeleted
    | ProductChanged
    | VariantsFound
    | ProductDeleted
    | StockTurned
    | LevelChanged
    | DiscountChanged
    | DiscountDeleted
    | RedeemCodeChanged
    | ShopifySegmentChanged
    | ShopifySegmentDeleted
    | FulfillmentChanged
    | ThemePublished
    | CollectionChanged
    | MembersFound
    | CollectionDeleted
    | CartChanged
    | CheckoutChanged
    | CheckoutDeleted
    | Viewed
    | Stayed
    | ToldElsewhere
    | Answered
    | Located
    | CartSeen
    | ShopChanged
    | Uninstalled
    | ScopesChanged
    | BulkFinished
    | DataRequested
    | PlanChanged
    | CustomerRedacted
    | ShopRedacted
)


def normal_cart_token(token: str) -> str:
    """A cart's token without the `?key=…` that `/cart.js` appends (whether webhooks carry it is not documented)."""
    return token.partition("?")[0]
