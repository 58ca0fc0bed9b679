"""The headers of every answer: who may frame it, what it may load, what it must not be kept."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, g

from plugin.base import settings

ANY_SHOP = "https://*.myshopify.com"
"""For the bounce page alone, which holds nothing of any shop."""


def add(response: Response) -> Response:
    """To be called after each request of the panel."""
    shop = g.get("shop")
    frames = framed_by(f"https://{shop.domain}") if shop is not None and g.get("embedded") else "'none'"
    pictures = _origin(shop.storefront_url) if shop is not None and shop.storefront_url else ""
    response.headers.setdefault("Content-Security-Policy", policy(frames, pictures))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers.add("Vary", "Authorization, Cookie, Accept")
    return response


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


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
