"""What people did on the storefront: looked at, read, searched for, marked, put into a cart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy import column as unbound

from plugin.profile.load import Profile
from plugin.profile.load_behaviour import Deed, still_full
from plugin.segment.kinds import Kind, label
from plugin.store.tables import cart_lines, carts, checkouts, collections, views
from plugin.store.types import Instant

from .of_browser import HANDLE, PATH, SEARCHED
from .of_product import SAYS as PRODUCT
from .of_product import of_product
from .shape import Function, Parameter, by_name, column, reads

# --- deeds --------------------------------------------------------------------------------------


def _done(*kinds: str, about: ColumnElement[Any] | None = None) -> Callable[[int], Select[tuple[int]]]:
    """Rows of `views` of these kinds, the ones that say what they are about."""
    there = [about.is_not(None)] if about is not None else []

    def rows(shop_id: int) -> Select[tuple[int]]:
        return select(views.c.person_id).where(views.c.shop_id == shop_id, views.c.kind.in_(kinds), *there)

    return rows


def _read(kind: str, of: Callable[[Deed], Any] | None = None) -> Callable[[Profile], Sequence[Deed]]:
    """The same of a profile."""
    return lambda profile: [
        deed for deed in profile.views if deed.kind == kind and (of is None or of(deed) is not None)
    ]


def _date() -> Parameter:
    return Parameter("date", Kind.DATE, column(views.c.at), lambda deed: deed.at, says=" {words}")


def _count() -> Parameter:
    return Parameter("count", Kind.INTEGER, column(func.count()), len, says=" {words}", unit="time", total=True)


def _id(of: Any, read: Callable[[Deed], Any]) -> Parameter:
    return Parameter("id", Kind.ID, column(of), read, says=" {words}")


def _text(name: str, kind: Kind, of: Any, read: Callable[[Any], Any], says: str) -> Parameter:
    return Parameter(name, kind, column(of), read, says=f"{says}{{words}}")


def _deed(
    name: str,
    kind: str,
    says: str,
    row: str,
    says_row: Callable[[Deed], str],
    parameters: Iterable[Parameter],
    *,
    about: ColumnElement[Any] | None = None,
    of: Callable[[Deed], Any] | None = None,
) -> Function:
    """`says` is the beginning of the sentence; parameters follow in their order."""
    known = by_name((*parameters, _date(), _count()))
    return Function(
        name,
        rows=_done(kind, about=about),
        person=views.c.person_id,
        read=_read(kind, of),
        at=lambda deed: deed.at,
        reads=reads("views"),
        says=f"have {says}{''.join(f'{{{one}}}' for one in known)}",
        row=row,
        says_row=says_row,
        parameters=known,
    )


def _with_product(name: str, kind: str, says: str, row: str) -> Function:
    return _deed(
        name,
        kind,
        says,
        row,
        lambda deed: f"product {deed.product_id}",
        of_product(views.c.product_id),
        about=views.c.product_id,
        of=lambda deed: deed.product_id,
    )


# --- favourites: of each product the last word counts -------------------------------------------


def _favourites(shop_id: int) -> Select[tuple[int]]:
    later = views.alias()
    after = or_(later.c.at > views.c.at, and_(later.c.at == views.c.at, later.c.id > views.c.id))
    same = later.c.person_id == views.c.person_id, later.c.product_id == views.c.product_id
    overruled = exists().where(
        later.c.shop_id == shop_id, later.c.kind.in_(("favourited", "unfavourited")), *same, after
    )
    return _done("favourited", about=views.c.product_id)(shop_id).where(not_(overruled))


def _read_favourites(profile: Profile) -> Sequence[Deed]:
    return [deed for deed in profile.views if deed.kind == "favourited" and deed.product_id is not None and deed.stands]


# --- checkouts: one counts once, however often a browser and Shopify tell of it -----------------


def _checkouts_begun(shop_id: int) -> Select[tuple[int]]:
    """Persons with the instants, as `at`: of a checkout the first that a browser of theirs told, else Shopify's."""
    seen, of, other = views.c, checkouts.c, views.alias()
    mine = other.c.shop_id == shop_id, other.c.kind == "checkout_started"
    earlier = or_(other.c.at < seen.at, and_(other.c.at == seen.at, other.c.id < seen.id))
    same = other.c.person_id == seen.person_id, other.c.checkout_token == seen.checkout_token
    looked = _done("checkout_started")(shop_id).where(not_(exists().where(*mine, *same, earlier)))
    theirs = other.c.person_id == of.person_id, other.c.checkout_token == of.token
    told = select(of.person_id).where(of.shop_id == shop_id, of.person_id.is_not(None), of.started_at.is_not(None))
    unseen = told.where(not_(exists().where(*mine, *theirs)))
    both = union_all(looked.add_columns(seen.at), unseen.add_columns(of.started_at.label("at"))).subquery()
    return select(both.c.person_id)


# --- collections: by their names of today ---------------------------------------------------------


def _collection(of: Column[str]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        named = select(collections.c.collection_id).where(collections.c.shop_id == shop_id)
        return lambda text: views.c.collection_id.in_(named.where(of == text))

    return asked


def _named(name: str, kind: Kind, of: Column[str], says: str) -> Parameter:
    """A handle or a title that a deed has under `name`."""
    return Parameter(name, kind, _collection(of), lambda deed: frozenset({getattr(deed, name)} - {None}), says=says)


# --- articles: as they were when they were read --------------------------------------------------


def _article_tagged(_shop_id: int) -> Callable[[str], ColumnElement[bool]]:
    there, of = views.c.tags_key.is_not(None), views.c.tags_key

    def asked(key: str) -> ColumnElement[bool]:
        if "\n" in key or len(key) > LONGEST_TAG:
            return false()
        return and_(there, of.contains(f"\n{key}\n", autoescape=True))

    return asked


# --- searches -----------------------------------------------------------------------------------


def _searched(_shop_id: int) -> Callable[..., ColumnElement[bool]]:
    """A word, or some in a row, as whole words."""
    there = views.c.words_key.is_not(None)
    return lambda *keys: and_(there, *(views.c.words_key.contains(key, autoescape=True) for key in keys))


# --- carts --------------------------------------------------------------------------------------


def _lines_in_carts(shop_id: int) -> Select[tuple[int]]:
    return (
        select(carts.c.person_id)
        .join(cart_lines, cart_lines.c.cart_id == carts.c.id)
        .where(
            carts.c.shop_id == shop_id, cart_lines.c.shop_id == shop_id, carts.c.person_id.is_not(None), still_full()
        )
    )


COLLECTION_HANDLE = label(
    "a collection's handle in single quotes such as 'winter'", fold=True, name="collection handle"
)
ARTICLE_TAG = label("an article's tag in single quotes such as 'wool'", fold=True, name="article tag")
LONGEST_TAG = 1_000
"""No tag that a browser tells has so many letters; SQLite refuses to look for very long ones."""
COLLECTION_TITLE = label("a collection's title in single quotes such as 'Winter'", name="collection title")

# --- the table ----------------------------------------------------------------------------------

_LOOKED = _with_product("product_viewed", "product_viewed", "looked at ", "look")
_COLLECTION = _deed(
    "collection_viewed",
    "collection_viewed",
    "looked at a collection",
    "look",
    lambda deed: f"collection {deed.collection_id}",
    (
        _id(views.c.collection_id, lambda deed: deed.collection_id),
        _named("handle", COLLECTION_HANDLE, collections.c.handle, " with the handle {words}"),
        _named("title", COLLECTION_TITLE, collections.c.title, " called {words}"),
    ),
    about=views.c.collection_id,
    of=lambda deed: deed.collection_id,
)

ENTRIES = (
    _LOOKED,
    replace(_LOOKED, name="storefront_event.product_viewed"),
    _COLLECTION,
    replace(_COLLECTION, name="storefront_event.collection_viewed"),
    _deed(
        "article_read",
        "article_read",
        "read an article",
        "article",
        lambda deed: f"article {deed.blog}/{deed.handle}",
        (
            _id(views.c.article_id, lambda deed: deed.article_id),
            _text("handle", HANDLE, views.c.handle, lambda deed: deed.handle, " with the handle "),
            _text("title", Kind.TEXT, views.c.title, lambda deed: deed.title, " called "),
            Parameter("tag", ARTICLE_TAG, _article_tagged, lambda deed: deed.tags, says=" tagged {words}"),
            _text("blog", HANDLE, views.c.blog, lambda deed: deed.blog, " of the blog "),
        ),
        about=views.c.article_id,
        of=lambda deed: deed.article_id,
    ),
    _deed(
        "page_viewed",
        "page_viewed",
        "opened a page",
        "page",
        lambda deed: f"page {deed.path}",
        (_text("path", PATH, views.c.path, lambda deed: deed.path, " "),),
        about=views.c.path,
        of=lambda deed: deed.path,
    ),
    _deed(
        "searched",
        "searched",
        "searched",
        "search",
        lambda deed: f"search for “{(deed.words_key or '').strip()}”",
        (Parameter("words", SEARCHED, _searched, lambda deed: deed.words_key or "", says=" for {words}"),),
    ),
    _with_product("added_to_cart", "added_to_cart", "put into the cart ", "time"),
    Function(
        "checkout_started",
        rows=_checkouts_begun,
        person=unbound("person_id", BigInteger),
        read=lambda profile: [deed for deed in profile.views if deed.kind == "checkout_started" and deed.stands],
        at=lambda deed: deed.at,
        reads=reads("views"),
        says="have begun a checkout{date}{count}",
        row="checkout",
        says_row=lambda _: "a checkout",
        parameters=by_name((replace(_date(), sql=column(unbound("at", Instant()))), _count())),
    ),
    replace(
        _with_product("favourited", "favourited", "among their favourites ", "favourite"),
        rows=_favourites,
        read=_read_favourites,
    ),
    Function(
        "cart_updated",
        rows=_lines_in_carts,
        person=carts.c.person_id,
        read=lambda profile: profile.cart_lines,
        at=lambda line: line.at,
        reads=reads("cart_lines"),
        says=f"have a cart with {PRODUCT}{{total}}, changed{{date}}{{count}}",
        row="line",
        says_row=lambda line: f"product {line.product_id} in a cart",
        parameters=by_name(
            (
                *of_product(cart_lines.c.product_id),
                Parameter(
                    "total", Kind.AMOUNT, column(carts.c.total), lambda line: line.total, says=" worth {words} in all"
                ),
                Parameter(
                    "date",
                    Kind.DATE,
                    column(carts.c.updated_at),
                    lambda line: line.at,
                    says=" {words}",
                    absent=" at any time",
                ),
                Parameter(
                    "count",
                    Kind.INTEGER,
                    column(func.count(carts.c.id.distinct())),
                    lambda lines: len({line.cart_id for line in lines}),
                    says=", {words}",
                    unit="such cart",
                    total=True,
                ),
            )
        ),
    ),
)
