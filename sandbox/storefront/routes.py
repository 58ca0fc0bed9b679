"""The storefront's addresses, as every Shopify store has them."""

from __future__ import annotations

from starlette.routing import Route

from sandbox.shop import PROXY_PATH

from . import account, cart, checkout, pages, proxy
from .pixel import routes as pixel

ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]

routes = [
    Route("/", pages.home),
    Route("/collections/{handle}", pages.collection),
    Route("/products/{handle}", pages.product),
    Route("/search", pages.search),
    Route("/blogs/care/{handle}", pages.article),
    Route("/pages/about-you", pages.about_you),
    Route("/pictures/{handle}.svg", pages.picture),
    Route("/theme/{name}", pages.theme_file),
    Route("/extensions/beckon/{name}", pages.extension_file),
    *pixel.routes,
    Route("/cart", cart.show),
    Route("/cart.js", cart.read),
    *(
        Route(f"/cart/{name}{ending}", endpoint, methods=["POST"])
        for name, endpoint in (
            ("add", cart.add),
            ("change", cart.change),
            ("update", cart.update),
            ("clear", cart.clear),
        )
        for ending in ("", ".js")
    ),
    Route("/checkout", checkout.begin, methods=["GET", "POST"]),
    Route("/checkouts/{token}", checkout.form),
    Route("/checkouts/{token}", checkout.place, methods=["POST"]),
    Route("/checkouts/{token}/recover", checkout.recover),
    Route("/orders/{token}", checkout.thanks),
    Route("/account", account.show),
    Route("/account/login", account.login),
    Route("/account/login", account.enter, methods=["POST"]),
    Route("/account/join", account.join, methods=["POST"]),
    Route("/account/logout", account.leave, methods=["GET", "POST"]),
    Route(f"{PROXY_PATH}/{{path:path}}", proxy.forward, methods=ANY),
]
