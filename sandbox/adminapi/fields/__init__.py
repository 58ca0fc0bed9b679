"""One row per field of the schema: how it is read from the state, by a bulk operation as by an ordinary query."""

from __future__ import annotations

from . import goods, house, people, sales
from .reading import Field, Fields, keys

FIELDS: dict[str, Fields] = {
    "AbandonedCheckout": sales.CHECKOUT,
    "AccessScope": house.ACCESS_SCOPE,
    "App": house.APP,
    "AppInstallation": house.APP_INSTALLATION,
    "AppPlanV2": house.APP_PLAN,
    "AppRecurringPricing": house.RECURRING,
    "AppSubscription": house.SUBSCRIPTION,
    "AppSubscriptionLineItem": house.SUBSCRIPTION_LINE,
    "AppUsagePricing": house.USAGE,
    "Attribute": sales.ATTRIBUTE,
    "AutomaticDiscountApplication": sales.DISCOUNT_BY_TITLE,
    "BulkOperation": house.BULK,
    "Collection": goods.COLLECTION,
    "Company": people.COMPANY,
    "CompanyContact": people.COMPANY_CONTACT,
    "Customer": people.CUSTOMER,
    "CustomerEmailAddress": people.EMAIL_ADDRESS,
    "CustomerPhoneNumber": people.PHONE_NUMBER,
    "CustomerStatistics": people.STATISTICS,
    "DiscountApplication": sales.DISCOUNT,
    "DiscountCodeApplication": sales.DISCOUNT_BY_CODE,
    "CustomerSegmentMember": people.MEMBER,
    "CustomerSegmentMembersQuery": keys("id", "done", "currentCount"),
    "Domain": house.DOMAIN,
    "Image": goods.IMAGE,
    "InventoryItem": goods.INVENTORY_ITEM,
    "LineItem": sales.LINE,
    "Location": house.LOCATION,
    "MailingAddress": people.ADDRESS,
    "ManualDiscountApplication": sales.DISCOUNT_BY_TITLE,
    "MediaImage": goods.MEDIA,
    "MediaPreviewImage": goods.PREVIEW,
    "Metafield": people.METAFIELD,
    "MoneyBag": sales.BAG,
    "MoneyV2": sales.MONEY,
    "Order": sales.ORDER,
    "OrderApp": sales.ORDER_APP,
    "Product": goods.PRODUCT,
    "ProductVariant": goods.VARIANT,
    "Refund": sales.REFUND,
    "ScriptDiscountApplication": sales.DISCOUNT_BY_TITLE,
    "Segment": people.SEGMENT,
    "ShippingLine": sales.SHIPPING_LINE,
    "Shop": house.SHOP,
    "ShopPlan": house.SHOP_PLAN,
    "StoreCreditAccount": people.CREDIT,
    "TaxonomyCategory": goods.CATEGORY,
    "WebPixel": house.WEB_PIXEL,
}

__all__ = ["FIELDS", "Field"]
