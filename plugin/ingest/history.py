"""Lines of a bulk operation's JSONL become events, a few hundred objects at a time.

Every line is an object; children name their parent in `__parentId` and may stand anywhere after it. Those that come
while their parent is still in hand go with it; the others follow as events of their own, so memory stays the same
however long the file is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plugin.base.errors import Unreadable

from . import events, metafields, places
from .events import (
    CheckoutChanged,
    CollectionChanged,
    Discount,
    Event,
    Line,
    OrderChanged,
    ProductChanged,
    Refund,
    ShopChanged,
    Variant,
)
from .payload import Part, currency, read, web_address

KINDS = ("products", "collections", "customers", "orders", "checkouts")
"""As the merchant sees them. They load side by side: what is applied is order-safe, so none has to wait for another."""

PARENTS = 500
CHILDREN = 20_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Events, and how far the file was read for them: bytes and objects, counted from its beginning."""

    events: tuple[Event, ...]
    offset: int
    objects: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where lines come from: a shop of this currency, collected from `asked_at` on."""

    kind: str
    currency: str
    asked_at: datetime


def batches_of(source: Source, lines: Iterable[bytes], *, offset: int, objects: int) -> Iterator[Batch]:
    """Reads `lines` (with their line ends), which begin at byte `offset`. Raises Unreadable naming the line."""
    hand = _Hand(source)
    for line in lines:
        if line.strip():
            part = read(f"history of {source.kind}, line {objects + 1}", line)
            if hand.is_full(part):
                yield Batch(hand.events(), offset, objects)
                hand = _Hand(source)
            hand.take(part)
            objects += 1
        offset += len(line)
    yield Batch(hand.events(), offset, objects)


def shop(told: Part, updated_at: datetime) -> ShopChanged:
    """The answer to shop.graphql."""
    of = told.part("shop")
    return ShopChanged(
        name=of.text("name"),
        currency=currency(of, "currencyCode"),
        timezone=of.text("ianaTimezone", 64),
        storefront_url=web_address(of.part_if_any("primaryDomain"), "url"),
        updated_at=updated_at,
    )


def collection(told: Part, product_ids: tuple[int, ...], read_at: datetime) -> CollectionChanged:
    """A collection with what was in it at `read_at` or later."""
    return CollectionChanged(
        collection_id=told.id("id"),
        title=told.text("title"),
        handle=told.text("handle"),
        updated_at=_version(told, read_at),
        product_ids=product_ids,
        read_at=read_at,
    )


@dataclass(slots=True)
class _Hand:
    """Parents with those of their children that came soon enough, and children that came too late."""

    source: Source
    parents: dict[str, tuple[Part, list[Part]]] = field(default_factory=dict)
    strays: dict[str, list[Part]] = field(default_factory=dict)
    children: int = 0

    def is_full(self, coming: Part) -> bool:
        """A parent begins the next batch, so that its children usually follow it there."""
        if "__parentId" in coming.value:
            return self.children >= CHILDREN
        return len(self.parents) >= PARENTS or self.children >= CHILDREN

    def take(self, part: Part) -> None:
        parent_id = part.value.get("__parentId")
        if parent_id is None:
            self.parents[part.text("id")] = (part, [])
            return
        self.children += 1
        if not isinstance(parent_id, str):
            raise Unreadable(f'{part.of}: "__parentId" is not a text.')
        if parent_id in self.parents:
            self.parents[parent_id][1].append(part)
        else:
            self.strays.setdefault(parent_id, []).append(part)

    def events(self) -> tuple[Event, ...]:
        whole, more = _READERS[self.source.kind]
        told = [whole(part, children, self.source) for part, children in self.parents.values()]
        return (*told, *(more(children, self.source) for children in self.strays.values()))


def _order(part: Part, children: list[Part], source: Source) -> OrderChanged:
    unit = currency(part, "currencyCode")
    app, location, customer = (part.part_if_any(key) for key in ("app", "retailLocation", "customer"))
    found = places.of_api(part.part_if_any(f"{kind}Address") for kind in ("shipping", "billing"))
    return OrderChanged(
        order_id=part.id("id"),
        name=part.text("name"),
        customer_id=customer.id("id") if customer else None,
        placed_at=part.instant_if_any("processedAt") or part.instant("createdAt"),
        updated_at=_version(part, source.asked_at),
        cancelled_at=part.instant_if_any("cancelledAt"),
        currency=unit,
        total=_shop_money(part, "totalPriceSet", unit),
        refunds=tuple(
            Refund(refund.id("id"), _shop_money(refund, "totalRefundedSet", unit))
            for refund in part.parts_if_any("refunds")
        ),
        test=part.value.get("test") is True,
        lines=_lines(children, unit),
        cart_token=events.normal_cart_token(part.text_if_any("cartToken", 255) or "") or None,
        checkout_token=part.text_if_any("checkoutToken", 255),
        app_id=app.id("id") if app else None,
        location_id=location.id("id") if location else None,
        countries=places.countries(found),
        places=found,
        source_name=part.text_if_any("sourceName", 255) or None,
        discounts=_discounts(children),
    )


def _more_lines(children: list[Part], source: Source) -> events.LinesFound:
    lines = _lines(children, source.currency)
    return events.LinesFound(order_id=_parent_id(children), lines=lines, discounts=_discounts(children))


def _lines(children: list[Part], unit: str) -> tuple[Line, ...]:
    return tuple(_line(child, unit) for child in children if child.has("id"))


def _discounts(children: list[Part]) -> tuple[Discount, ...]:
    """They are an order's children as its lines are, without an id, and say by their type what they are."""
    found: dict[Discount, None] = {}
    for child in (child for child in children if not child.has("id")):
        kind = _KINDS.get(child.text("__typename", 100))
        if kind is not None:
            told = child.text_if_any("code" if kind == "code" else "title", 255) or ""
            found[Discount(kind, "" if kind == "manual" else told)] = None
    return tuple(found)


_KINDS = {
    "DiscountCodeApplication": "code",
    "AutomaticDiscountApplication": "automatic",
    "ScriptDiscountApplication": "automatic",
    "ManualDiscountApplication": "manual",
}


def _line(part: Part, unit: str) -> Line:
    product, variant = part.part_if_any("product"), part.part_if_any("variant")
    return Line(
        product_id=product.id("id") if product else None,
        variant_id=variant.id("id") if variant else None,
        title=part.text("title"),
        quantity=part.count("quantity"),
        price=_shop_money(part, "originalUnitPriceSet", unit),
        line_id=part.id("id"),
    )


def _customer(part: Part, children: list[Part], source: Source) -> events.CustomerChanged:
    email = part.part_if_any("defaultEmailAddress")
    parts = _customer_parts(part.id("id"), children, source.currency)
    state = part.text_if_any("state", 20)
    contacts = part.parts_if_any("companyContactProfiles")
    return events.CustomerChanged(
        customer_id=part.id("id"),
        added_at=part.instant("createdAt"),
        updated_at=_version(part, source.asked_at),
        locale=part.text_if_any("locale", 20),
        countries=parts.countries,
        places=parts.places,
        tags=part.texts("tags") if part.has("tags") else None,
        contact=_contact(part),
        purchases=_purchases(part),
        email_status=email.text_if_any("marketingState", 20) if email else None,
        account_status=state,
        standing=_standing(part),
        metafields=parts.metafields,
        companies=tuple(dict.fromkeys(contact.part("company").id("id") for contact in contacts)),
        credits=parts.credits,
    )


def _standing(part: Part) -> events.Standing | None:
    reckoned = part.part_if_any("statistics")
    if reckoned is None:
        return None
    return events.Standing(
        part.text_if_any("productSubscriberStatus", 20),
        reckoned.text_if_any("predictedSpendTier", 20),
        reckoned.text_if_any("rfmGroup", 20),
    )


def _contact(part: Part) -> events.Contact | None:
    """Only what was asked for is in the file: what the merchant switched on."""
    says = {field for field, key in _LEVEL_2.items() if key in part.value}
    if not says:
        return None
    email, phone = part.part_if_any("defaultEmailAddress"), part.part_if_any("defaultPhoneNumber")
    return events.Contact(
        frozenset(says),
        first_name=part.text_if_any("firstName", 500) or None,
        last_name=part.text_if_any("lastName", 500) or None,
        email=email.text_if_any("emailAddress", 500) if email else None,
        phone=phone.text_if_any("phoneNumber", 500) if phone else None,
    )


_LEVEL_2 = {"name": "firstName", "email": "defaultEmailAddress", "phone": "defaultPhoneNumber"}


def _purchases(part: Part) -> events.Purchases | None:
    """Shopify's own sums, as they are when it collects."""
    if not (part.has("numberOfOrders") and part.has("amountSpent")):
        return None
    spent, last = part.part("amountSpent"), part.part_if_any("lastOrder")
    number = part.text("numberOfOrders", 20)  # 64 bits, so GraphQL writes it as a text
    if not (number.isascii() and number.isdigit()):
        raise Unreadable(f'{part.of}: "numberOfOrders" is not a whole number.')
    return events.Purchases(
        orders=int(number),
        spent=spent.money("amount", currency(spent, "currencyCode")),
        last_order_id=last.id("id") if last else None,
    )


def _more_of_customer(children: list[Part], source: Source) -> events.CustomerPartsFound:
    return _customer_parts(_parent_id(children), children, source.currency)


def _customer_parts(customer_id: int, children: list[Part], unit: str) -> events.CustomerPartsFound:
    """A customer has three kinds of children, told apart by their ids."""
    of_kind: dict[str, list[Part]] = {"MailingAddress": [], "Metafield": [], "StoreCreditAccount": []}
    for child in children:
        of_kind.setdefault(child.text("id").removeprefix("gid://shopify/").partition("/")[0], []).append(child)
    found = places.of_api(of_kind["MailingAddress"])
    told = (metafields.of_api(child) for child in of_kind["Metafield"])
    return events.CustomerPartsFound(
        customer_id,
        countries=places.countries(found),
        places=found,
        metafields=tuple(one for one in told if one is not None),
        credits=tuple(_credit(child, unit) for child in of_kind["StoreCreditAccount"]),
    )


def _credit(part: Part, unit: str) -> events.Credit:
    balance = part.part("balance")
    return events.Credit(part.id("id"), currency(balance, "currencyCode"), balance.money("amount", unit))


def _product(part: Part, children: list[Part], source: Source) -> ProductChanged:
    media = part.part_if_any("featuredMedia")
    preview = media.part_if_any("preview") if media else None
    image = preview.part_if_any("image") if preview else None
    category = part.part_if_any("category")
    return ProductChanged(
        product_id=part.id("id"),
        title=part.text("title"),
        handle=part.text("handle"),
        image_url=web_address(image, "url"),
        vendor=part.text_if_any("vendor"),
        product_type=part.text_if_any("productType"),
        status=part.text("status", 20).lower(),
        tags=part.texts("tags"),
        variants=tuple(_variant(child, source.currency) for child in children),
        updated_at=_version(part, source.asked_at),
        category=category.text_if_any("fullName", 1_000) if category else None,
    )


def _more_variants(children: list[Part], source: Source) -> events.VariantsFound:
    variants = tuple(_variant(child, source.currency) for child in children)
    return events.VariantsFound(product_id=_parent_id(children), variants=variants)


def _variant(part: Part, shop_currency: str) -> Variant:
    item = part.part_if_any("inventoryItem")
    tracked = item.value.get("tracked") is not False if item and item.has("tracked") else None
    return Variant(
        variant_id=part.id("id"),
        title=part.text("title"),
        sku=part.text_if_any("sku"),
        price=part.money("price", shop_currency),
        inventory=None if tracked is False else part.count_if_any("inventoryQuantity"),
        tracked=tracked,
        inventory_item_id=item.id_if_any("id") if item else None,
        inventory_policy=(part.text_if_any("inventoryPolicy", 20) or "").lower() or None,
    )


def _collection(part: Part, children: list[Part], source: Source) -> CollectionChanged:
    return collection(part, tuple(child.id("id") for child in children), source.asked_at)


def _more_members(children: list[Part], source: Source) -> events.MembersFound:
    product_ids = tuple(child.id("id") for child in children)
    return events.MembersFound(_parent_id(children), product_ids, read_at=source.asked_at)


def _checkout(part: Part, _: list[Part], source: Source) -> CheckoutChanged:
    customer = part.part_if_any("customer")
    return CheckoutChanged(
        token=_checkout_token(part),
        cart_token=None,
        customer_id=customer.id("id") if customer else None,
        lines=(),
        recovery_url=web_address(part, "abandonedCheckoutUrl"),
        updated_at=_version(part, source.asked_at),
        completed_at=part.instant_if_any("completedAt"),
        total=_shop_money(part, "totalLineItemsPriceSet", source.currency),
    )


def _checkout_token(part: Part) -> str:
    """The Admin API names a checkout by a number, webhooks by a token: the recovery link has it before `/recover`."""
    found = re.search(r"/checkouts/(?:[a-z]{2}/)?([^/?#]{1,255})", part.text("abandonedCheckoutUrl", 4_000))
    return found[1] if found else f"id:{part.id('id')}"


def _nothing_more(children: list[Part], _: Source) -> Event:
    raise Unreadable(f'{children[0].of}: "__parentId" names a thing that has no parts.')


def _version(part: Part, read_at: datetime) -> datetime:
    """Shopify cuts `updatedAt` to the second; collected after that second, it is the second's last state."""
    told = part.instant("updatedAt")
    whole = told + _SECOND - timedelta(microseconds=1)
    return whole if not told.microsecond and whole < read_at else told


def _shop_money(part: Part, key: str, unit: str) -> int:
    return part.part(key).part("shopMoney").money("amount", unit)


def _parent_id(children: list[Part]) -> int:
    return children[0].id("__parentId")


_SECOND = timedelta(seconds=1)
_Whole = Callable[[Part, list[Part], Source], Event]
_More = Callable[[list[Part], Source], Event]

_READERS: dict[str, tuple[_Whole, _More]] = {
    "products": (_product, _more_variants),
    "collections": (_collection, _more_members),
    "customers": (_customer, _more_of_customer),
    "orders": (_order, _more_lines),
    "checkouts": (_checkout, _nothing_more),
}
