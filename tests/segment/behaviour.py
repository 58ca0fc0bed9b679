"""What generated people did on the storefront: described as values, turned into rows, drawn from the same few words."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Table

from plugin.ingest.places import letters, on_sphere
from plugin.profile.views import lines, phrase
from plugin.store import tables
from tests.factories import LONG_AGO

_numbers = itertools.count(1_000_000_001)

PRODUCTS = (1, 2, 3, 2**53 + 1)
COLLECTIONS = (1, 2, 4)
PATHS = ("/", "/pages/about", "/blogs/news/wool")
SEARCHES = ("lamp", "Blue LAMP", "100% wool_", "straße", "lampshade", "")
UTM = ("newsletter", "google", "été")
TEXTS = {
    "path": ("/", "/pages/about", "/pages/about/", "/nowhere"),
    "handle": ("news", "WOOL", "Straße", "nobody's"),
    "host": ("google.com", "www.Google.com", "bing.com"),
    "UTM word": ("Newsletter", "GOOGLE", "été", "nobody's"),
    "language": ("de", "en", "fr"),
    "browser": ("Chrome", "Safari", "chrome"),
    "platform": ("iOS", "Android"),
    "words": ("lamp", "LAMP", "blue lamp", "lamp blue", "%", "_", "100%", "STRASSE", "", " "),
    "campaign": ("Winter coats", "it's", "Summer"),
    "automation": ("abandoned_cart", "nothing"),
    "region by name": ("ile de france", "New York", "nowhere"),
    "city by name": ("newyorkcity", "Zurich", ""),
    "event": ("loyalty_points", "Survey", "nothing"),
    "question": ("size", "GENDER", "nothing"),
    "answer": ("42", "female", "FEMALE", ""),
    "category": ("Home", "Home > Lamps", "Lamps", "Home > ", ""),
    "vendor": ("Acme", "acme", "Straße"),
    "product type": ("Shoes", "Lamps", "shoes"),
    "article tag": ("wool", "WOOL", "woo", "100%_", "STRASSE", "wool\ncare", ""),
    "collection handle": ("winter", "WINTER", "sale", "nobody's"),
    "collection title": ("Winter", "winter", "Straße"),
}
"""Kind → texts, those that people have among them."""


@dataclass(frozen=True)
class Did:
    """A row of `views`."""

    kind: str
    at: datetime
    product_id: int | None = None
    collection_id: int | None = None
    article_id: int | None = None
    blog: str | None = None
    handle: str | None = None
    title: str | None = None
    tags_key: str | None = None
    path: str | None = None
    words: str | None = None
    checkout_token: str | None = None


@dataclass(frozen=True)
class Came:
    """A row of `visits`."""

    at: datetime
    seconds: int = 0
    pages: int = 1
    landing: str | None = None
    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    utm_campaign: str | None = None
    device: str | None = None
    platform: str | None = None
    browser: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Filled:
    """A cart: product and pieces."""

    at: datetime
    total: int
    lines: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Ware:
    """What is known of a product but its tags."""

    vendor: str | None = None
    product_type: str | None = None
    category: str | None = None
    collections: tuple[int, ...] = ()


@dataclass(frozen=True)
class Got:
    """A message to the person's first browser, of a campaign or of the reminder of a cart, and what came of it."""

    at: datetime
    campaign: str | None = None
    came: tuple[tuple[str, datetime], ...] = ()
    state: str = "sent"


@dataclass(frozen=True)
class Agreed:
    """A subscription."""

    at: datetime
    state: str = "active"
    device: str | None = None
    platform: str | None = None
    browser: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Life:
    """One person's."""

    agreed: tuple[Agreed, ...] = ()
    told: tuple[tuple[str, datetime, float | None, str | None], ...] = ()
    """Custom events: name, instant, value, text."""
    located: tuple[tuple[str | None, str | None, str | None, tuple[float, float] | None], ...] = ()
    """Countries, regions, cities and degrees, a browser each."""
    said: tuple[tuple[str, str, datetime, datetime | None], ...] = ()
    """Questions, answers, instants, and the noon of the day that the answer names."""
    got: tuple[Got, ...] = ()

    did: tuple[Did, ...] = ()
    came: tuple[Came, ...] = ()
    filled: tuple[Filled, ...] = ()
    begun: tuple[tuple[str, datetime], ...] = ()
    """Checkouts that Shopify told of: token and beginning."""


Rows = dict[Table, list[dict[str, Any]]]
"""Table → rows, in an order in which they can be written; each table's rows have the same keys."""


def rows_of(shop_id: int, people: Mapping[int, Life], wares: Mapping[int, Ware]) -> Rows:
    """Of everybody at once: a statement a table."""
    rows: Rows = {table: [] for table in _TABLES}
    for product_id, ware in wares.items():
        told = {"title": "Ware", "handle": "ware", "status": "active", "updated_at": LONG_AGO}
        row: dict[str, Any] = {
            "shop_id": shop_id,
            "product_id": product_id,
            "vendor": ware.vendor,
            "product_type": ware.product_type,
        }
        row["category"] = ware.category
        rows[tables.products].append(row | told)
        rows[tables.collection_products] += [
            {"shop_id": shop_id, "product_id": product_id, "collection_id": one, "told_at": LONG_AGO}
            for one in set(ware.collections)
        ]
    for number, (handle, title) in enumerate((("winter", "Winter"), ("sale", "Straße")), start=1):
        named = {"collection_id": number, "handle": handle, "title": title, "updated_at": LONG_AGO}
        rows[tables.collections].append({"shop_id": shop_id} | named)
    shared = _Shared(shop_id, rows)
    for person_id, life in people.items():
        mine = {"shop_id": shop_id, "person_id": person_id}
        _deeds_of(mine, life, rows)
        _visits_of(mine, life, rows)
        _carts_of(mine, life, rows)
        _messages_of(mine, life, rows, shared)
        for name, at, value, text in life.told:
            row = {"event_id": _event(), "name": name, "value": value, "text": text, "at": at, "received_at": at}
            rows[tables.custom_events].append(mine | row)
        _places_of(mine, life, rows)
        for question, answer, at, noon in life.said:
            row = {"event_id": _event(), "question": question, "answer": answer, "key": answer.casefold()}
            rows[tables.answers].append(mine | row | {"at": at, "noon": noon})
    return rows


_TABLES = (
    tables.products,
    tables.collection_products,
    tables.collections,
    tables.views,
    tables.checkouts,
    tables.visitors,
    tables.visits,
    tables.person_located,
    tables.carts,
    tables.cart_lines,
    tables.subscriptions,
    tables.campaigns,
    tables.automations,
    tables.enrollments,
    tables.deliveries,
    tables.facts,
    tables.custom_events,
    tables.answers,
)


def since(life: Life) -> datetime | None:
    """When the first of their subscriptions that stand began."""
    return min((one.at for one in life.agreed if one.state == "active"), default=None)


class _Shared:
    """The campaigns and the automation of the shop, each written once."""

    def __init__(self, shop_id: int, rows: Rows) -> None:
        self.shop_id, self.rows = shop_id, rows
        self.campaigns: dict[str, int] = {}
        self.automation: int | None = None

    def campaign(self, name: str) -> int:
        if name not in self.campaigns:
            self.campaigns[name] = next(_numbers)
            row = {"id": self.campaigns[name], "shop_id": self.shop_id, "name": name, "state": "sent"}
            self.rows[tables.campaigns].append(row | {"created_at": LONG_AGO, "updated_at": LONG_AGO})
        return self.campaigns[name]

    def reminder(self, mine: Mapping[str, int]) -> int:
        if self.automation is None:
            self.automation = next(_numbers)
            told = {"recipe": "abandoned_cart", "enabled": True, "delay": 60, "title": "", "body": ""}
            row = {"id": self.automation, "shop_id": self.shop_id, "updated_at": LONG_AGO}
            self.rows[tables.automations].append(row | told)
        number = next(_numbers)
        waits = {"subject": f"cart-{number}", "state": "sent", "due_at": LONG_AGO, "created_at": LONG_AGO}
        self.rows[tables.enrollments].append({"id": number, "automation_id": self.automation, **waits, **mine})
        return number


def _places_of(mine: Mapping[str, int], life: Life, rows: Rows) -> None:
    for country, region, city, degrees in life.located:
        number = next(_numbers)
        seen = {"id": number, "token": f"visitor-{number}", "created_at": LONG_AGO, "last_seen_at": LONG_AGO}
        rows[tables.visitors].append(seen | dict(mine))
        keys = {"region_key": letters(region) if region else None, "city_key": letters(city) if city else None}
        place = {"told_by": "address", "country": country, "region": region, "city": city, "at": LONG_AGO}
        x, y, z = on_sphere(*degrees) if degrees else (None, None, None)
        rows[tables.person_located].append({"visitor_id": number, "x": x, "y": y, "z": z, **place, **keys, **mine})


def _event() -> str:
    return f"event-{next(_numbers)}"


def _deeds_of(mine: Mapping[str, int], life: Life, rows: Rows) -> None:
    for did in life.did:
        key = phrase(did.words) if did.words else None
        row = {"id": next(_numbers), **asdict(did), "event_id": _event(), "words_key": key, **mine}
        row["checkout_token"] = _token(mine, did.checkout_token) if did.checkout_token else None
        rows[tables.views].append(row)
    for token, at in life.begun:
        told = {"token": _token(mine, token), "total": 0, "started_at": at, "updated_at": at}
        rows[tables.checkouts].append(told | dict(mine))


def _token(mine: Mapping[str, int], token: str) -> str:
    """A checkout is nobody else's."""
    return f"{mine['person_id']}-{token}"


def _visits_of(mine: Mapping[str, int], life: Life, rows: Rows) -> None:
    browser = next(_numbers)
    if life.came:
        seen = {"id": browser, "token": f"visitor-{browser}", "created_at": LONG_AGO, "last_seen_at": LONG_AGO}
        rows[tables.visitors].append(seen | dict(mine))
    for came in life.came:
        told = asdict(came)
        at = told.pop("at")
        when = {"started_at": at, "ended_at": at + timedelta(seconds=came.seconds), "visitor_id": browser}
        rows[tables.visits].append(told | when | dict(mine))


def _carts_of(mine: Mapping[str, int], life: Life, rows: Rows) -> None:
    for filled in life.filled:
        number = next(_numbers)
        cart = {"id": number, "token": f"cart-{number}", "updated_at": filled.at, "lines": [], "total": filled.total}
        rows[tables.carts].append(cart | dict(mine))
        rows[tables.cart_lines] += [
            {"shop_id": mine["shop_id"], "cart_id": number, "product_id": product_id, "quantity": quantity}
            for product_id, quantity in dict(filled.lines).items()
        ]


def _messages_of(mine: Mapping[str, int], life: Life, rows: Rows, shared: _Shared) -> None:
    browsers = [next(_numbers) for _ in life.agreed]
    for number, one in zip(browsers, life.agreed, strict=True):
        told = asdict(one)
        at = told.pop("at")
        endpoint = f"https://fcm.googleapis.com/fcm/send/{number}"
        keys = {"endpoint_hash": hashlib.sha256(endpoint.encode()).digest(), "p256dh": b"4", "auth": b"1"}
        row = {"id": number, "endpoint": endpoint, "service": "fcm.googleapis.com", "created_at": at}
        rows[tables.subscriptions].append(row | keys | {"last_seen_at": at} | told | dict(mine))
    reached: set[str] = set()
    for got in life.got if browsers else ():
        if got.campaign in reached:  # one message of a campaign a person
            continue
        number = next(_numbers)
        if got.campaign:
            reached.add(got.campaign)
        message = {
            "id": number,
            "subscription_id": browsers[0],
            "campaign_id": shared.campaign(got.campaign) if got.campaign else None,
            "enrollment_id": None if got.campaign else shared.reminder(mine),
            "token": f"message-{number}",
            "state": got.state,
            "finished_at": got.at,
        }
        when = {"created_at": got.at, "due_at": got.at, "expires_at": got.at}
        rows[tables.deliveries].append(message | when | dict(mine))
        rows[tables.facts] += [
            {"shop_id": mine["shop_id"], "delivery_id": number, "kind": kind, "at": at}
            for kind, at in dict(got.came).items()
        ]


# --- generated ----------------------------------------------------------------------------------


_TOKENS = st.sampled_from(("a", "b"))


def wares() -> st.SearchStrategy[dict[int, Ware]]:
    ware = st.builds(
        Ware,
        vendor=st.sampled_from((None, *TEXTS["vendor"])),
        product_type=st.sampled_from((None, *TEXTS["product type"])),
        category=st.sampled_from((None, "Home > Lamps", "Home", "home > Lamps", "Homeware")),
        collections=st.lists(st.sampled_from(COLLECTIONS), max_size=2).map(tuple),
    )
    return st.dictionaries(st.sampled_from(PRODUCTS), ware, max_size=3)


def lives(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Life]:
    return st.builds(
        Life,
        did=st.lists(_deeds(instants), max_size=4).map(tuple),
        came=st.lists(_visits(instants), max_size=2).map(tuple),
        filled=st.lists(_carts(instants), max_size=2).map(tuple),
        begun=st.lists(st.tuples(_TOKENS, instants), max_size=2, unique_by=lambda one: one[0]).map(tuple),
        agreed=st.lists(_agreed(instants), max_size=2).map(tuple),
        got=st.lists(_got(instants), max_size=2).map(tuple),
        told=st.lists(
            st.tuples(
                st.sampled_from(("loyalty_points", "survey")),
                instants,
                st.sampled_from((None, 0.0, 0.1, 1.0, 2.5, 100.0, -1.0)),
                st.sampled_from((None, "gold", "Gold", "")),
            ),
            max_size=2,
        ).map(tuple),
        located=st.lists(
            st.tuples(
                st.sampled_from((None, "GB", "US")),
                st.sampled_from((None, "Île-de-France", "New York")),
                st.sampled_from((None, "New York City", "Zürich")),
                st.sampled_from((None, (51.51, -0.13), (0.0, 0.0))),
            ),
            max_size=2,
        ).map(tuple),
        said=st.lists(
            st.tuples(
                st.sampled_from(("size", "gender", "birthday")),
                st.sampled_from(("42", "Female", "gold", "")),
                instants,
                st.none() | instants,
            ),
            max_size=3,
        ).map(tuple),
    )


def _agreed(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Agreed]:
    return st.builds(
        Agreed,
        at=instants,
        state=st.sampled_from(("active", "active", "gone")),
        device=st.sampled_from((None, "desktop", "mobile")),
        platform=st.sampled_from((None, "iOS", "Android")),
        browser=st.sampled_from((None, "Chrome", "Safari")),
        language=st.sampled_from((None, "de", "en")),
    )


def _got(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Got]:
    came = st.lists(st.tuples(st.sampled_from(("shown", "clicked", "dismissed")), instants), max_size=2).map(tuple)
    return st.builds(
        Got,
        at=instants,
        campaign=st.sampled_from((None, *TEXTS["campaign"][:2])),
        came=came,
        state=st.sampled_from(("sent", "sent", "failed")),
    )


def _deeds(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Did]:
    product = st.none() | st.sampled_from(PRODUCTS)
    of_product = st.sampled_from(("product_viewed", "added_to_cart", "favourited", "favourited", "unfavourited"))
    tags = st.lists(st.sampled_from(("Wool", "care", "100%_", "Straße")), max_size=2).map(lines)
    article = st.builds(
        Did,
        st.just("article_read"),
        instants,
        article_id=st.sampled_from(PRODUCTS[:2]),
        blog=st.sampled_from(("news", "straße")),
        handle=st.just("wool"),
        title=st.sampled_from((None, "gold", "Gold")),
        tags_key=tags,
    )
    return st.one_of(
        st.builds(Did, of_product, instants, product),
        st.builds(Did, st.just("collection_viewed"), instants, collection_id=st.sampled_from(COLLECTIONS)),
        st.builds(Did, st.just("page_viewed"), instants, path=st.sampled_from(PATHS)),
        st.builds(Did, st.just("searched"), instants, words=st.sampled_from((None, *SEARCHES))),
        st.builds(Did, st.just("checkout_started"), instants, checkout_token=st.none() | _TOKENS),
        article,
    )


def _visits(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Came]:
    utm = st.sampled_from((None, *UTM))
    return st.builds(
        Came,
        at=instants,
        seconds=st.sampled_from((0, 1, 2, 60)),
        pages=st.sampled_from((0, 1, 2, 5)),
        landing=st.none() | st.sampled_from(PATHS),
        referrer=st.sampled_from((None, "google.com", "bing.com")),
        utm_source=utm,
        utm_medium=utm,
        utm_campaign=utm,
        device=st.sampled_from((None, "desktop", "mobile", "tablet")),
        platform=st.sampled_from((None, "iOS", "Android")),
        browser=st.sampled_from((None, "Chrome", "Safari")),
        language=st.sampled_from((None, "de", "en")),
    )


def _carts(instants: st.SearchStrategy[datetime]) -> st.SearchStrategy[Filled]:
    lines = st.lists(st.tuples(st.sampled_from(PRODUCTS), st.integers(1, 3)), max_size=2).map(tuple)
    return st.builds(Filled, at=instants, total=st.sampled_from((0, 100, 999, 1_000)), lines=lines)
