"""What people did on the storefront."""

from __future__ import annotations

from collections.abc import Callable

from tests.oracle.almanac import instant
from tests.oracle.kinds import DATE, HELD, ID, MONEY, TAG, WHOLE, beginning, held, identity, text
from tests.oracle.rows import Row, Rows
from tests.oracle.scanning import Piece, Refused
from tests.oracle.subjects import Filter, Function, Parameter
from tests.oracle.subjects.goods import OF_PRODUCT

DEVICES = ("desktop", "mobile", "tablet")


def words(value: Piece) -> str:
    if len(text(value)) > 100:
        raise Refused("too many letters")
    return " ".join(text(value).casefold().split())


def path(value: Piece) -> str:
    if not text(value).startswith("/"):
        raise Refused("no path")
    return text(value) if text(value) == "/" else text(value).rstrip("/")


def path_begun(value: Piece) -> str:
    path(value)
    return text(value)


def handle(value: Piece) -> str:
    return text(value).casefold()


def host(value: Piece) -> str:
    return text(value).casefold().removeprefix("www.")


def utm(value: Piece) -> str:
    return " ".join(text(value).casefold().split())


def device(value: Piece) -> str:
    if text(value) not in DEVICES:
        raise Refused("no device")
    return text(value)


UNDERSTOOD: dict[str, Callable[[Piece], str]] = {
    "landing": path,
    "referrer": host,
    "utm_source": utm,
    "utm_medium": utm,
    "utm_campaign": utm,
    "device": device,
    "platform": text,
    "browser": text,
    "language": handle,
}


class Phrases(tuple[str, ...]):
    """A search: it holds each run of its words."""

    def __new__(cls, searched: str | None) -> Phrases:
        words = (searched or "").casefold().split()
        runs = (words[start:end] for end in range(len(words) + 1) for start in range(end))
        return super().__new__(cls, (" ".join(run) for run in runs))


def did(kind: str, about: str = "") -> Callable[[Row, Rows], list[Row]]:
    """Rows of `views` of this kind that say what they are about."""
    return lambda person, rows: [
        view
        for view in rows.of(person["id"], "views")
        if view["kind"] == kind and (not about or view[about] is not None)
    ]


def favourites(person: Row, rows: Rows) -> list[Row]:
    """Of each product the last word, if it is that it is one."""
    last: dict[int, Row] = {}
    said = [*did("favourited", "product_id")(person, rows), *did("unfavourited", "product_id")(person, rows)]
    for view in sorted(said, key=lambda view: (instant(view["at"]), view["id"])):
        last[view["product_id"]] = view
    return [view for view in last.values() if view["kind"] == "favourited"]


def checkouts(person: Row, rows: Rows) -> list[Row]:
    """Of each the first look, of those that no browser told of what Shopify says; without a token each look is one."""
    looks = sorted(did("checkout_started")(person, rows), key=lambda view: (instant(view["at"]), view["id"]))
    first = {view["checkout_token"] or view["id"]: view for view in reversed(looks)}
    told = {one["token"]: {"at": one["started_at"]} for one in rows.of(person["id"], "checkouts")}
    return list({**told, **first}.values())


def in_carts(person: Row, rows: Rows) -> list[Row]:
    return [
        {"cart_id": cart["id"], "total": cart["total"], "at": cart["updated_at"], "product_id": line["product_id"]}
        for cart in rows.of(person["id"], "carts")
        if cart["ordered_at"] is None or instant(cart["updated_at"]) > instant(cart["ordered_at"])
        for line in rows.of(cart["id"], "cart_lines", "cart_id")
    ]


def article_tags(view: Row, _: Rows) -> set[str]:
    return set((view["tags_key"] or "").split("\n")) - {""}


def called(name: str) -> Callable[[Row, Rows], set[str]]:
    """What the collection that was looked at is called today; nothing where Shopify never told."""
    return lambda view, rows: {one[name] for one in rows.of(view["collection_id"], "collections", "collection_id")}


AT = Parameter(DATE, lambda row, _: instant(row["at"]))
COUNT = Parameter(WHOLE, lambda found, _: len(found), "counts", total=True)
LOOKED = Function(did("product_viewed", "product_id"), OF_PRODUCT | {"date": AT, "count": COUNT})
COLLECTION = Function(
    did("collection_viewed", "collection_id"),
    {
        "id": Parameter(ID, lambda view, _: view["collection_id"], "collections"),
        "handle": Parameter(held("handle", ("=", "!="), handle), called("handle"), "collection_handles"),
        "title": Parameter(held("title", ("=", "!="), text), called("title"), "collection_titles"),
        "date": AT,
        "count": COUNT,
    },
)


def said_by(name: str, *, of: str = "") -> Parameter:
    kind = identity(name, UNDERSTOOD[name], nulls=False, choices=DEVICES if name == "device" else ())
    return Parameter(beginning(kind, path_begun) if name == "landing" else kind, lambda row, _: row[name], of or name)


def ever(name: str, *tables: str) -> Filter:
    """All that any visit (or browser that agreed) told of it."""

    def value(person: Row, rows: Rows) -> set[str]:
        return {row[name] for table in tables for row in rows.of(person["id"], table)} - {None}

    choices = DEVICES if name == "device" else ()
    return Filter(held(name, (*HELD, "IS NULL", "IS NOT NULL"), UNDERSTOOD[name], choices), value, name)


def number(name: str, *, total: bool = False) -> Parameter:
    if total:
        return Parameter(WHOLE, lambda visits, _: sum(visit[name] for visit in visits), name, total=True)
    return Parameter(WHOLE, lambda visit, _: visit[name], name)


ENTRIES = {
    "product_viewed": LOOKED,
    "storefront_event.product_viewed": LOOKED,
    "collection_viewed": COLLECTION,
    "storefront_event.collection_viewed": COLLECTION,
    "article_read": Function(
        did("article_read", "article_id"),
        {
            "id": Parameter(ID, lambda view, _: view["article_id"], "articles"),
            "handle": Parameter(identity("handle", handle, nulls=False), lambda view, _: view["handle"], "handles"),
            "title": Parameter(identity("title", text, nulls=False), lambda view, _: view["title"], "article_titles"),
            "tag": Parameter(TAG, article_tags, "article_tags"),
            "blog": Parameter(identity("handle", handle, nulls=False), lambda view, _: view["blog"], "handles"),
            "date": AT,
            "count": COUNT,
        },
    ),
    "page_viewed": Function(
        did("page_viewed", "path"),
        {
            "path": Parameter(
                beginning(identity("path", path, nulls=False), path_begun), lambda view, _: view["path"], "landing"
            ),
            "date": AT,
            "count": COUNT,
        },
    ),
    "searched": Function(
        did("searched"),
        {
            "words": Parameter(
                held("words", (*HELD, "IS NULL", "IS NOT NULL"), words), lambda view, _: Phrases(view["words"]), "words"
            ),
            "date": AT,
            "count": COUNT,
        },
    ),
    "added_to_cart": Function(did("added_to_cart", "product_id"), OF_PRODUCT | {"date": AT, "count": COUNT}),
    "checkout_started": Function(checkouts, {"date": AT, "count": COUNT}),
    "favourited": Function(favourites, OF_PRODUCT | {"date": AT, "count": COUNT}),
    "cart_updated": Function(
        in_carts,
        OF_PRODUCT
        | {
            "total": Parameter(MONEY, lambda line, _: line["total"], "money"),
            "date": AT,
            "count": Parameter(WHOLE, lambda lines, _: len({line["cart_id"] for line in lines}), "counts", total=True),
        },
    ),
    "site_visited": Function(
        lambda person, rows: rows.of(person["id"], "visits"),
        {
            "date": Parameter(DATE, lambda visit, _: instant(visit["started_at"])),
            "count": COUNT,
            "seconds": number("seconds"),
            "pages": number("pages"),
            "sum_seconds": number("seconds", total=True),
            "sum_pages": number("pages", total=True),
            **{name: said_by(name) for name in UNDERSTOOD},
        },
    ),
    **{name: ever(name, "visits", "subscriptions") for name in ("device", "platform", "browser", "language")},
    **{name: ever(name, "visits") for name in ("referrer", "utm_source", "utm_medium", "utm_campaign")},
}
