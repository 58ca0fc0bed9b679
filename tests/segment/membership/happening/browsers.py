"""What visitors look at and do, who they turn out to be, and where they are."""

from __future__ import annotations

from datetime import timedelta

from plugin import news
from plugin.audience import consent
from plugin.ingest.browsing import UNTOLD, Agent, Page, Source
from plugin.ingest.cities import Spot
from plugin.ingest.events import Answered, CartSeen, CustomerDeleted, Located, Stayed, Viewed
from plugin.profile import identity
from tests.segment.membership.world import CARTS, COLLECTIONS, CUSTOMERS, PRODUCTS, VISITORS, World

PHONE = Agent("mobile", "Android", "Chrome", "en")
DEEDS = ("product_viewed", "added_to_cart", "favourited", "unfavourited")


def look(world: World) -> None:
    visitor, product_id = world.dice.choice(VISITORS), world.dice.choice(PRODUCTS)
    kind = world.dice.choice(DEEDS)
    world.take(Viewed(f"e{world.next_number()}", visitor, product_id, world.some_time_ago(), kind))


def look_at_collection(world: World) -> None:
    visitor, at = world.dice.choice(VISITORS), world.some_time_ago()
    number = world.dice.choice(COLLECTIONS)
    world.take(Viewed(f"e{world.next_number()}", visitor, None, at, "collection_viewed", collection_id=number))


def open_page(world: World) -> None:
    """The first page of a visit, or one in the midst of it; by a link with UTM words or without."""
    source = world.dice.choice((None, Source("newsletter", "email", "spring"), Source("Newsletter")))
    page = Page(world.dice.choice(("/", "/sale")), "example.com", source, world.dice.choice((UNTOLD, PHONE)))
    visitor, at = world.dice.choice(VISITORS), world.some_time_ago()
    world.take(Viewed(f"e{world.next_number()}", visitor, None, at, "page_viewed", page=page))


def stay(world: World) -> None:
    world.take(Stayed(world.dice.choice(VISITORS), world.now - timedelta(minutes=world.dice.choice((0, 20, 40)))))


def search(world: World) -> None:
    words = world.dice.choice(("Rain coat", "lamp"))
    visitor = world.dice.choice(VISITORS)
    world.take(Viewed(f"e{world.next_number()}", visitor, None, world.some_time_ago(), "searched", words=words))


def answer(world: World) -> None:
    born = (world.now - timedelta(days=world.dice.choice((0, 29, 30, 31, 365)))).date().isoformat()
    question, said = world.dice.choice((("gender", "female"), ("gender", "male"), ("birthday", born), ("size", "42")))
    world.take(Answered(f"a{world.next_number()}", world.dice.choice(VISITORS), question, said, world.now))


def locate(world: World) -> None:
    """Whoever had the browser before is not there any more."""
    spot = world.dice.choice((Spot(53.8, -1.55, "GB", "England", "Leeds"), Spot(40.7, -74.0, "US", None, "New York")))
    teller = world.dice.choice(("shopper", "address"))
    world.take(Located(world.dice.choice(VISITORS), teller, spot, world.now))


def leave_cart(world: World) -> None:
    world.take(CartSeen(world.dice.choice(VISITORS), world.dice.choice(CARTS), world.now))


def log_in(world: World) -> None:
    world.told[-1] += f" as {_somebody(world)}"


def subscribe(world: World) -> None:
    person_id, endpoint = _somebody(world), _endpoint(world)
    before = consent.holder(world.tx, world.shop_id, endpoint)
    news.before(world.tx, world.shop_id, [], world.now, also={person_id, *_known(before)})
    agreed = consent.Subscribed(endpoint, b"\4" * 65, b"1" * 16, agent=world.dice.choice((UNTOLD, PHONE)))
    consent.grant(world.tx, world.shop_id, person_id, agreed, world.now)
    news.take(world.tx, world.shop_id, [], world.now, also={person_id})


def unsubscribe(world: World) -> None:
    endpoint = _endpoint(world)
    also = _known(consent.holder(world.tx, world.shop_id, endpoint))
    news.before(world.tx, world.shop_id, [], world.now, also=also)
    consent.withdraw(world.tx, world.shop_id, endpoint, world.now)
    news.take(world.tx, world.shop_id, [], world.now, also=also)


def _somebody(world: World) -> int:
    """Whoever is in a browser, logged in or not."""
    visitor, customer_id = world.dice.choice(VISITORS), world.dice.choice((*CUSTOMERS, None))
    seen = Viewed("", visitor, None, world.now)
    named = [seen] if customer_id is None else [seen, CustomerDeleted(customer_id, world.now)]
    news.before(world.tx, world.shop_id, named, world.now)
    person_id = identity.person_of(world.tx, world.shop_id, visitor=visitor, customer_id=customer_id, now=world.now)
    news.take(world.tx, world.shop_id, [], world.now, also={person_id})
    return person_id


def _endpoint(world: World) -> str:
    return f"https://fcm.googleapis.com/fcm/send/{world.dice.randint(1, 3)}"


def _known(person_id: int | None) -> set[int]:
    return set() if person_id is None else {person_id}
