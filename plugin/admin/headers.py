"""The headers of every answer: who may frame it, what it may load, what it must not be kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, g, request

from plugin.base import settings
from plugin.shopify import session

ANY_SHOP = "https://*.myshopify.com"
"""For the bounce page and for sentences about a failed first load, which hold nothing of any shop."""


def add(response: Response) -> Response:
    """To be called after each request of the panel."""
    shop = g.get("shop")
    frames = _frames(shop.domain if shop is not None else None)
    pictures = _origin(shop.storefront_url) if shop is not None and shop.storefront_url else ""
    response.headers.setdefault("Content-Security-Policy", policy(frames, pictures))
    if response.mimetype == "text/html" and "'none'" not in frame_ancestors(response):
        response.headers.add("Link", _early())
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "Authorization, Cookie, Accept")
    return response


def _frames(domain: str | None) -> str:
    """A page of a shop is framed by that shop's admin; a sentence about a failed first load by the one that asked."""
    if domain is not None:
        return framed_by(f"https://{domain}") if g.get("embedded") else "'none'"
    if request.args.get("embedded") != "1" and request.headers.get("Sec-Fetch-Dest") != "iframe":
        return "'none'"
    asking = session.sanitize_shop(request.args.get("shop", ""))
    return framed_by(f"https://{asking}" if asking else ANY_SHOP)


def framed_by(shop_origin: str) -> str:
    """Sources of `frame-ancestors`; the caller has checked that the shop is one."""
    return f"{shop_origin} {settings.current().admin_url}"


def policy(frame_ancestors: str, pictures: str = "") -> str:
    """No script but our own files and App Bridge; pictures from wherever a shop keeps them."""
    bridge = _origin(settings.current().app_bridge_url)
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' {bridge}",
            "style-src 'self' 'unsafe-inline'",  # Turbo's progress bar and App Bridge put in style elements
            f"img-src 'self' data: https: {bridge} {pictures}".rstrip(),
            f"connect-src 'self' {bridge} https://*.shopify.com https://*.shopifysvc.com",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        ]
    )


def frame_ancestors(response: Response) -> str:
    """Who may frame it, as its policy says."""
    return response.headers["Content-Security-Policy"].rpartition("frame-ancestors ")[2]


def _early() -> str:
    """Lets the browser fetch App Bridge while it still reads the page."""
    bridge = settings.current().app_bridge_url
    return f'<{_origin(bridge)}>; rel="preconnect", <{bridge}>; rel="preload"; as="script"'


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
