"""Lines of a bulk operation's JSONL become events, a few hundred objects at a time.

Every line is an object; children name their parent in `__parentId` and may stand anywhere after it. Those that come
while their parent is still in hand go with it; the others follow as events of their own, so memory stays the same
however long the file is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from plugin.base.errors import Unreadable

from .events import Event, ShopChanged
from .nodes import customers, goods, orders
from .nodes.source import Source
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


def _nothing_more(children: list[Part], _: Source) -> Event:
    raise Unreadable(f'{children[0].of}: "__parentId" names a thing that has no parts.')


_Whole = Callable[[Part, list[Part], Source], Event]
_More = Callable[[list[Part], Source], Event]

_READERS: dict[str, tuple[_Whole, _More]] = {
    "products": (goods.product, goods.more_of_product),
    "collections": (goods.collection, goods.more_of_collection),
    "customers": (customers.customer, customers.more_of_customer),
    "orders": (orders.order, orders.more_of_order),
    "checkouts": (orders.checkout, _nothing_more),
}
