"""Pages to look at: home, collections, products, search."""

from __future__ import annotations

import json
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from sandbox import catalogue
from sandbox.history.codes import variant_id
from sandbox.money import pounds
from sandbox.world import world_of

from . import embed, pictures
from .theme import page

ARTICLE = embed.Article(5_550_001, "care/washing-by-hand", "Washing by hand", ("Wool", "Gentle care"))
FILES = Path(__file__).parent / "theme"


async def home(request: Request) -> Response:
    db = world_of(request).db
    shelves = [(handle, name, catalogue.best_sellers(db, 4, name)) for handle, name in list(catalogue.MENU.items())[:3]]
    return page(request, "home.html", best=catalogue.best_sellers(db, 8), shelves=shelves)


async def collection(request: Request) -> Response:
    handle = request.path_params["handle"]
    if handle != "all" and handle not in catalogue.MENU:
        raise HTTPException(404)
    number = max(1, int(word)) if (word := request.query_params.get("page", "1")).isdigit() else 1
    found, count = catalogue.collection(world_of(request).db, catalogue.MENU.get(handle), number)
    pages = max(1, -(-count // catalogue.PAGE))
    title = catalogue.MENU.get(handle, "Everything")
    return page(
        request, "collection.html", title=title, handle=handle, products=found, count=count, number=number, pages=pages
    )


async def search(request: Request) -> Response:
    words = request.query_params.get("q", "")[:100]
    found = catalogue.search(world_of(request).db, words)
    return page(request, "search.html", words=words, products=found)


async def product(request: Request) -> Response:
    """A product's page, or with `.js` what scripts ask for."""
    handle, db = request.path_params["handle"], world_of(request).db
    row = catalogue.product(db, handle.removesuffix(".js"))
    if row is None:
        raise HTTPException(404)
    if handle.endswith(".js"):
        variant = {"id": variant_id(row["id"]), "title": "Default Title", "price": row["price"], "available": True}
        return JSONResponse(
            {
                "id": row["id"],
                "title": row["title"],
                "handle": row["handle"],
                "price": row["price"],
                "variants": [variant],
            }
        )
    return page(
        request,
        "product.html",
        product_id=row["id"],
        product=row,
        tags=json.loads(row["tags"]),
        price=pounds(row["price"]),
        shelf=next((handle for handle, name in catalogue.MENU.items() if name == row["kind"]), "all"),
        related=catalogue.best_sellers(db, 4, row["kind"], besides=row["id"]),
    )


async def article(request: Request) -> Response:
    """The store's one article, in the blog "care"."""
    if request.path_params["handle"] != ARTICLE.handle.partition("/")[2]:
        raise HTTPException(404)
    return page(request, "article.html", article=ARTICLE)


async def about_you(request: Request) -> Response:
    """What a shopper may say of themselves."""
    return page(request, "about_you.html")


async def picture(request: Request) -> Response:
    row = catalogue.product(world_of(request).db, request.path_params["handle"])
    if row is None:
        raise HTTPException(404)
    return Response(pictures.draw(row), media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=3600"})


async def theme_file(request: Request) -> Response:
    return _file(FILES, request.path_params["name"])


async def extension_file(request: Request) -> Response:
    """The assets of the theme app extension, as Shopify's CDN serves them."""
    return _file(world_of(request).settings.extension / "assets", request.path_params["name"])


def _file(folder: Path, name: str) -> Response:
    file = folder / name
    if "/" in name or name.startswith(".") or not file.is_file():
        raise HTTPException(404)
    return FileResponse(file, headers={"Cache-Control": "no-cache"})
