"""What is asked of a row's product: its id, tags, vendor, type and collections, as the shop has them today."""

from __future__ import annotations

from tests.oracle.kinds import ID, TAG, held, text, whole_id
from tests.oracle.rows import Row, Rows
from tests.oracle.subjects import Parameter

COLLECTION = held("collection", ("=", "!="), whole_id)
LABEL = held("label", ("=", "!="), text)


def tags(row: Row, rows: Rows) -> set[str]:
    return {tagged["tag"].casefold() for tagged in rows.of(row["product_id"], "product_tags", "product_id")}


def told(row: Row, rows: Rows, column: str) -> set[str]:
    """A column of the product; nothing where the shop has none, or no such product."""
    return {each[column] for each in rows.of(row["product_id"], "products", "product_id") if each[column] is not None}


def collections(row: Row, rows: Rows) -> set[int]:
    return {each["collection_id"] for each in rows.of(row["product_id"], "collection_products", "product_id")}


def categories(row: Row, rows: Rows) -> set[str]:
    """The product's category, and all that it lies in."""
    steps = [
        each["category"].split(" > ")
        for each in rows.of(row["product_id"], "products", "product_id")
        if each["category"]
    ]
    return {" > ".join(path[: end + 1]) for path in steps for end in range(len(path))}


OF_PRODUCT = {
    "id": Parameter(ID, lambda row, _: row["product_id"], "products"),
    "tag": Parameter(TAG, tags, "product_tags"),
    "vendor": Parameter(LABEL, lambda row, rows: told(row, rows, "vendor"), "vendors"),
    "type": Parameter(LABEL, lambda row, rows: told(row, rows, "product_type"), "types"),
    "category": Parameter(LABEL, categories, "categories"),
    "collection_id": Parameter(COLLECTION, collections, "collections"),
}
