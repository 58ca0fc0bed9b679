"""Orders, refunds, carts, checkouts and products, as Shopify tells of them."""

from __future__ import annotations

from plugin import news
from plugin.ingest.events import (
    CartChanged,
    CheckoutChanged,
    CollectionChanged,
    Line,
    OrderChanged,
    OrderDeleted,
    OrderRefunded,
    ProductChanged,
    ProductDeleted,
    Viewed,
)
from plugin.profile.apply import apply
from plugin.profile.memberships import IMPORT
from tests.segment.membership.world import CARTS, COLLECTIONS, CUSTOMERS, PRODUCTS, TAGS, VISITORS, World


def order(world: World) -> None:
    world.orders.append(world.next_number())
    world.take(_order(world, world.orders[-1]))


def order_again(world: World) -> None:
    """An order that was changed, perhaps to be somebody else's."""
    world.take(_order(world, world.dice.choice(world.orders or [1])))


def refund(world: World) -> None:
    order_id, amount = world.dice.choice(world.orders or [1]), world.dice.choice((1, 100))
    world.take(OrderRefunded(order_id, world.next_number(), amount, world.now))


def delete_order(world: World) -> None:
    world.take(OrderDeleted(world.dice.choice(world.orders or [1]), world.now))


def fill_cart(world: World) -> None:
    products = world.dice.sample(PRODUCTS, world.dice.randint(0, 2))
    lines = tuple(Line(product, 1, "A line", 1, 100) for product in products)
    world.take(CartChanged(world.dice.choice(CARTS), lines, world.now))


def check_out(world: World) -> None:
    """Told by the browser, by Shopify, or by both."""
    cart, customer_id = world.dice.choice((*CARTS, None)), world.dice.choice((*CUSTOMERS, None))
    token, at = world.dice.choice(("k1", "k2", "k3")), world.now
    event, visitor = f"e{world.next_number()}", world.dice.choice(VISITORS)
    begun = Viewed(event, visitor, None, at, "checkout_started", checkout_token=token)
    told = CheckoutChanged(token, cart, customer_id, (), None, at, None)
    world.take(*world.dice.choice(((begun,), (told,), (begun, told))))


def product(world: World) -> None:
    """It is another in the merchant's eyes: whoever bought, saw or holds it is left to the clock."""
    tags = tuple(world.dice.sample(TAGS, world.dice.randint(0, 2)))
    vendor, kind = world.dice.choice((None, "Hygge")), world.dice.choice((None, "Lamps"))
    product_id = world.dice.choice(PRODUCTS)
    world.take(ProductChanged(product_id, "A lamp", "a-lamp", None, vendor, kind, "active", tags, (), world.now))
    world.ring(world.now)


def lose_product(world: World) -> None:
    world.take(ProductDeleted(world.dice.choice(PRODUCTS), world.now))
    world.ring(world.now)


def name_collection(world: World) -> None:
    """It is called otherwise: whoever looked at it is left to the clock."""
    number, name = world.dice.choice(COLLECTIONS), world.dice.choice(("Winter", "Sale"))
    world.take(CollectionChanged(number, name, name.lower(), world.now))
    world.ring(world.now)


def history_comes(world: World) -> None:
    """Of many at once: left to the clock."""
    events = [_order(world, world.next_number()) for _ in range(3)]
    changes = apply(world.tx, world.shop_id, events, now=world.now)
    news.consequences(world.tx, world.shop_id, changes, world.now, leave_to_clock=IMPORT)


def _order(world: World, number: int) -> OrderChanged:
    dice = world.dice
    guest = dice.random() < 0.2
    return OrderChanged(
        order_id=number,
        name=f"#{number}",
        customer_id=None if guest else dice.choice(CUSTOMERS),
        placed_at=world.some_time_ago(),
        updated_at=world.now,
        cancelled_at=None,
        currency="GBP",
        total=dice.choice((0, 1, 100, 1_000, 10_000)),
        refunds=(),
        test=dice.random() < 0.1,
        lines=tuple(
            Line(dice.choice((*PRODUCTS, None)), 1, "A line", dice.randint(1, 3), 100)
            for _ in range(dice.randint(0, 2))
        ),
        cart_token=dice.choice((*CARTS, None)) if guest or dice.random() < 0.4 else None,
        countries=(dice.choice(("GB", "US")),),
    )
