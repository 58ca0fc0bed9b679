"""Parameters that ask of a row's product: its tags, vendor, type and collections. Those of the collections that Shopify
still has; a product keeps what it was when it is deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, ColumnElement, or_, select

from plugin.profile.load_products import STEP
from plugin.segment.kinds import Family, Kind, Takes, label
from plugin.store.tables import collection_products, product_tags, products
from plugin.store.upsert import begins

from .shape import Parameter, column

COLLECTION = Kind("collection", Family.LABEL, Takes.ID, "a collection's id such as 1234")
VENDOR = label("a vendor in single quotes such as 'Acme'", name="vendor")
CATEGORY = label("a category in single quotes such as 'Apparel & Accessories > Clothing'", name="category")
TYPE = label("a product type in single quotes such as 'Shoes'", name="product type")


def of_product(product_id: Column[int], *, absent: str = "a product") -> tuple[Parameter, ...]:
    """`product_id` is the row's column; a loaded row has `product_id`, and `product`. `absent` stands in the sentence
    where none is named."""
    return (
        Parameter("id", Kind.ID, column(product_id), lambda row: row.product_id, says="product {words}", absent=absent),
        Parameter("tag", Kind.TAG, _tagged(product_id), lambda row: row.product.tags, says=" tagged {words}"),
        Parameter(
            "vendor",
            VENDOR,
            _with(product_id, products.c.vendor),
            lambda row: frozenset({row.product.vendor} - {None}),
            says=" of the vendor {words}",
        ),
        Parameter(
            "type",
            TYPE,
            _with(product_id, products.c.product_type),
            lambda row: frozenset({row.product.product_type} - {None}),
            says=" of the type {words}",
        ),
        Parameter(
            "category",
            CATEGORY,
            _within(product_id),
            lambda row: row.product.categories,
            says=" in the category {words}",
        ),
        Parameter(
            "collection_id",
            COLLECTION,
            _collected(product_id),
            lambda row: row.product.collections,
            says=" in collection {words}",
        ),
    )


SAYS = "{id}{tag}{vendor}{type}{category}{collection_id}"
"""Their places in a sentence."""


def _tagged(product_id: Column[int]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        tagged = select(product_tags.c.product_id).where(product_tags.c.shop_id == shop_id)
        return lambda key: product_id.in_(tagged.where(product_tags.c.key == key))

    return asked


def _with(product_id: Column[int], what: Column[Any]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        these = select(products.c.product_id).where(products.c.shop_id == shop_id)
        return lambda text: product_id.in_(these.where(what == text))

    return asked


def _within(product_id: Column[int]) -> Callable[[int], Callable[[str], ColumnElement[bool]]]:
    """The category itself, or one that lies in it."""

    def asked(shop_id: int) -> Callable[[str], ColumnElement[bool]]:
        these, of = select(products.c.product_id).where(products.c.shop_id == shop_id), products.c.category

        def some(name: str) -> ColumnElement[bool]:
            return product_id.in_(these.where(or_(of == name, begins(of, name + STEP))))

        return some

    return asked


def _collected(product_id: Column[int]) -> Callable[[int], Callable[[int], ColumnElement[bool]]]:
    def asked(shop_id: int) -> Callable[[int], ColumnElement[bool]]:
        within = select(collection_products.c.product_id).where(collection_products.c.shop_id == shop_id)
        return lambda one: product_id.in_(within.where(collection_products.c.collection_id == one))

    return asked
