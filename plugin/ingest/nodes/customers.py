"""Customers, as the Admin API tells them: with what is asked for by their level of protection."""

from __future__ import annotations

from plugin.base.errors import Unreadable
from plugin.ingest import events, metafields, places
from plugin.ingest.payload import Part, currency

from .source import Source, parent_id, version


def customer(part: Part, children: list[Part], source: Source) -> events.CustomerChanged:
    """A customer with addresses, metafields and store credit, the children."""
    email = part.part_if_any("defaultEmailAddress")
    parts = _customer_parts(part.id("id"), children, source.currency)
    state = part.text_if_any("state", 20)
    contacts = part.parts_if_any("companyContactProfiles")
    return events.CustomerChanged(
        customer_id=part.id("id"),
        added_at=part.instant("createdAt"),
        updated_at=version(part, source.asked_at),
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


def more_of_customer(children: list[Part], source: Source) -> events.CustomerPartsFound:
    """Children that came apart from their customer."""
    return _customer_parts(parent_id(children), children, source.currency)


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
