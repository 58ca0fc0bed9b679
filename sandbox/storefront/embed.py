"""The theme app embed: the app's own Liquid block, rendered as Shopify would, as far as the block goes.

Known are `{{ 'file' | asset_url }}`, dotted names, the filters of FILTERS, comments, and the schema's default settings.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.shop import LOCALE

ASSETS = "/extensions/beckon/"

FILTERS: dict[str, Callable[[Any], str]] = {
    "asset_url": lambda text: ASSETS + text,
    "strip": str.strip,
    "escape": html.escape,
    "json": json.dumps,
    "join: ','": ",".join,
}


@dataclass(frozen=True)
class Article:
    """`handle` with its blog's, `care/washing-by-hand`, as Shopify's Liquid has it."""

    id: int
    handle: str
    title: str
    tags: tuple[str, ...]


def render(
    extension: Path, product_id: int | None, article: Article | None = None, customer_id: int | None = None
) -> str:
    """What stands before </body> on every page, for the customer who is logged in; empty while the extension has no
    block yet."""
    blocks = sorted((extension / "blocks").glob("*.liquid"))
    return "\n".join(_block(file.read_text(), product_id, article, customer_id) for file in blocks)


def _block(source: str, product_id: int | None, article: Article | None, customer_id: int | None) -> str:
    known: dict[str, Any] = {"product.id": str(product_id or ""), "request.locale.iso_code": LOCALE}
    known["customer.id"] = str(customer_id or "")
    if article:
        known |= {f"article.{name}": value for name, value in asdict(article).items()}
    schema = re.search(r"\{%-?\s*schema\s*-?%\}(.*?)\{%-?\s*endschema\s*-?%\}", source, re.DOTALL)
    if schema:
        for setting in json.loads(schema[1]).get("settings", []):
            if "id" in setting:
                known[f"block.settings.{setting['id']}"] = str(setting.get("default", ""))
    bare = re.sub(r"\{%-?\s*(schema|comment)\s*-?%\}.*?\{%-?\s*end\1\s*-?%\}", "", source, flags=re.DOTALL)
    return re.sub(r"\{\{-?\s*(.*?)\s*-?\}\}", lambda found: _value(found[1], known), bare).strip()


def _value(expression: str, known: dict[str, Any]) -> str:
    name, *filters = (part.strip() for part in expression.split("|"))
    text = name[1:-1] if name[0] in "'\"" else known.get(name, "")
    for each in filters:
        text = FILTERS[each](text)
    return str(text)
