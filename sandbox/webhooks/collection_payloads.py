"""Bodies of collections/*: the collection, and none of its products."""

from __future__ import annotations

import sqlite3

from sandbox.shop import gid
from sandbox.state import Json


def collection(row: sqlite3.Row) -> Json:
    """collections/create, collections/update."""
    return {
        "id": row["id"],
        "handle": row["handle"],
        "title": row["title"],
        "updated_at": row["updated_at"],
        "body_html": row["title"],
        "published_at": row["created_at"],
        "sort_order": "best-selling",
        "template_suffix": None,
        "published_scope": "web",
        "admin_graphql_api_id": gid("Collection", row["id"]),
    }


def deleted(row: sqlite3.Row) -> Json:
    return {
        "id": row["id"],
        "published_scope": "web",
        "admin_graphql_api_id": gid("Collection", row["id"]),
    }
