"""What we ask of Shopify's bulk operations, and what it answers in words that a merchant understands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plugin.base.errors import BeckonError, Unavailable
from plugin.shopify.answer import HIDDEN
from plugin.shopify.client import Client, Hidden, document

from . import history, payload
from .events import CollectionChanged, ShopChanged
from .nodes import goods

PEOPLE = {"customers", "orders", "checkouts"}
"""Kinds in which somebody is named: in a file, a person whom Shopify hides looks like none."""
HIDES_PEOPLE = (
    "Shopify hides this store's customers from Beckon, so nothing was read and nothing forgotten. Whoever runs Beckon"
    " must ask Shopify for access to protected customer data, level 1, for the app; then try again."
)
_GOING_ON = {"CREATED", "RUNNING", "CANCELING"}
_MAY_PASS = {"INTERNAL_SERVER_ERROR", "TIMEOUT"}
_WORDS = {
    "ACCESS_DENIED": "Shopify did not let Beckon read them: an access scope or the approval for protected customer"
    " data is missing.",
    "INTERNAL_SERVER_ERROR": "Something broke inside Shopify while it collected them. Trying again usually helps.",
    "TIMEOUT": "Shopify took too long to collect them. Trying again usually helps.",
    "CANCELED": "Somebody cancelled the collecting at Shopify.",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """What Shopify says of a bulk operation. `url` None when it is over: there is nothing, or nothing came of it."""

    is_over: bool
    url: str | None
    total: int
    trouble: str | None
    may_pass: bool = False
    """Whether the same question may be answered next time."""


def start_operation(
    client: Client,
    kind: str,
    since: datetime | None = None,
    *,
    keeps: frozenset[str] = frozenset(),
    scopes: frozenset[str] = frozenset(),
    grouped: bool = False,
) -> str:
    """Asks Shopify to collect what changed from `since` on; gives the operation's id.

    `grouped` puts a thing's parts right after it, which takes Shopify longer.

    Raises Unavailable when it must be tried later, BeckonError with a sentence when it is no use.
    """
    if kind in PEOPLE and _hides_people(client):
        raise BeckonError(HIDES_PEOPLE)
    told = client.run("bulk_run", query=bulk_query(kind, since, keeps, scopes), groupObjects=grouped)
    answer = payload.Part("bulk_run", "", told.data).part("bulkOperationRunQuery")
    for error in answer.parts_if_any("userErrors"):
        sentence = f"Shopify does not collect the {kind}: {error.text('message')}"
        if error.value.get("code") in {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}:
            raise Unavailable(sentence)
        raise BeckonError(sentence)
    return answer.part("bulkOperation").text("id", 100)


def _hides_people(client: Client) -> bool:
    try:
        return any(error.code == HIDDEN for error in client.run("may_read").errors)
    except Hidden:
        return True


def question(kind: str, keeps: frozenset[str], scopes: frozenset[str]) -> str:
    """The document that collects `kind`, without the lines of level 2 that the merchant did not switch on, and without
    those whose scope the merchant has not granted yet: after an update Shopify asks when the app is opened."""
    lines = document(f"bulk_{kind}").splitlines(keepends=True)
    asked = (line for line in lines if line.partition("# level 2: ")[2].strip() in {"", *keeps})
    return "".join(line for line in asked if line.partition("# scope: ")[2].strip() in {"", *scopes})


def bulk_query(
    kind: str,
    since: datetime | None = None,
    keeps: frozenset[str] = frozenset(),
    scopes: frozenset[str] = frozenset(),
) -> str:
    """The document of a kind; with `since` its connection asks for what was updated from then on."""
    text = question(kind, keeps, scopes)
    if since is None:
        return text
    root, _, rest = text.partition(" {\n    edges {")
    return f"{root}(query: \"updated_at:>='{since:%Y-%m-%dT%H:%M:%SZ}'\") {{\n    edges {{{rest}"


def poll(client: Client, operation_id: str) -> Progress:
    """Asks how far Shopify is."""
    answer = client.run("bulk_poll", id=operation_id)
    told = payload.Part("bulk_poll", "", answer.data).part_if_any("bulkOperation")
    if told is None:
        gone = "Shopify does not know the bulk operation any more."
        return Progress(is_over=True, url=None, total=0, trouble=gone, may_pass=True)
    status, code = told.text("status"), told.text_if_any("errorCode") or ""
    counted = told.value.get("objectCount")
    total = int(counted) if isinstance(counted, str) and counted.isascii() and counted.isdigit() else 0
    if status in _GOING_ON or status == "COMPLETED":
        return Progress(is_over=status == "COMPLETED", url=told.text_if_any("url"), total=total, trouble=None)
    reason = _WORDS.get(code) or _WORDS.get(status) or f"Shopify ended the collecting: {status} {code}".rstrip() + "."
    may_pass = code in _MAY_PASS or status == "EXPIRED"
    return Progress(True, told.text_if_any("partialDataUrl"), total, trouble=reason, may_pass=may_pass)


def read_shop(client: Client, now: datetime) -> ShopChanged:
    """The shop's name, currency, time zone and domain. Raises as `Client.run`."""
    return history.shop(payload.Part("shop", "", client.run("shop").data), now)


def read_collection(client: Client, collection_id: int, now: datetime) -> CollectionChanged | None:
    """A collection with all that is in it now; None when Shopify has it no more. Raises as `Client.run`."""
    product_ids: list[int] = []
    after: str | None = None
    while True:
        gid = f"gid://shopify/Collection/{collection_id}"
        answer = client.run("collection_products", id=gid, after=after)
        told = payload.Part("collection_products", "", answer.data).part_if_any("collection")
        if told is None:
            return None
        page = told.part("products")
        product_ids += [node.id("id") for node in page.parts("nodes")]
        more = page.part("pageInfo")
        after = more.text_if_any("endCursor")
        if more.value.get("hasNextPage") is not True or after is None:
            return goods.collection_with(told, tuple(product_ids), now)
