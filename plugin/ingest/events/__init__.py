"""What happened, in our words: frozen values that parsers make and `profile.apply` applies.

Money is in minor units of the shop's currency, instants are aware. `None` for a tuple means "the payload did not say";
an empty tuple means "there are none". Every event may come late, twice, or out of order.
A file a subject: orders, carts, customers, goods, behaviour, shop, privacy.
"""

from __future__ import annotations

from .behaviour import Answered, Located, Stayed, ToldElsewhere, Viewed
from .carts import CartChanged, CartSeen, CheckoutChanged, CheckoutDeleted, normal_cart_token
from .customers import (
    Contact,
    Credit,
    CustomerChanged,
    CustomerDeleted,
    CustomerPartsFound,
    CustomersMerged,
    CustomerTagged,
    MarketingConsentChanged,
    Purchases,
    PurchasesTold,
    Standing,
)
from .goods import (
    CollectionChanged,
    CollectionDeleted,
    DiscountChanged,
    DiscountDeleted,
    LevelChanged,
    MembersFound,
    ProductChanged,
    ProductDeleted,
    RedeemCodeChanged,
    StockTurned,
    Variant,
    VariantsFound,
)
from .orders import Discount, FulfillmentChanged, Line, LinesFound, OrderChanged, OrderDeleted, OrderRefunded, Refund
from .privacy import CustomerRedacted, DataRequested, ShopRedacted
from .shop import (
    BulkFinished,
    PlanChanged,
    ScopesChanged,
    ShopChanged,
    ShopifySegmentChanged,
    ShopifySegmentDeleted,
    ThemePublished,
    Uninstalled,
)

__all__ = [
    "Answered",
    "BulkFinished",
    "CartChanged",
    "CartSeen",
    "CheckoutChanged",
    "CheckoutDeleted",
    "CollectionChanged",
    "CollectionDeleted",
    "Contact",
    "Credit",
    "CustomerChanged",
    "CustomerDeleted",
    "CustomerPartsFound",
    "CustomerRedacted",
    "CustomerTagged",
    "CustomersMerged",
    "DataRequested",
    "Discount",
    "DiscountChanged",
    "DiscountDeleted",
    "Event",
    "FulfillmentChanged",
    "LevelChanged",
    "Line",
    "LinesFound",
    "Located",
    "MarketingConsentChanged",
    "MembersFound",
    "OrderChanged",
    "OrderDeleted",
    "OrderRefunded",
    "PlanChanged",
    "ProductChanged",
    "ProductDeleted",
    "Purchases",
    "PurchasesTold",
    "RedeemCodeChanged",
    "Refund",
    "ScopesChanged",
    "ShopChanged",
    "ShopRedacted",
    "ShopifySegmentChanged",
    "ShopifySegmentDeleted",
    "Standing",
    "Stayed",
    "StockTurned",
    "ThemePublished",
    "ToldElsewhere",
    "Uninstalled",
    "Variant",
    "VariantsFound",
    "Viewed",
    "normal_cart_token",
]

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
