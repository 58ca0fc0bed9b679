"""Who is asking? Two doors, one answer: the shop whose pages these are.

Inside Shopify's admin a session token says it: `id_token` on a document, a bearer header on a fetch (App Bridge adds
it). Stand-alone, a signed link gave the browser a cookie. A token always wins over a cookie, which may be an old one.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, request
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

from plugin.base import clock, logs, settings
from plugin.base.errors import Refused
from plugin.ingest import shops
from plugin.ingest.shops import Shop
from plugin.shopify import session
from plugin.store.engine import snapshot

from . import install

COOKIE = "beckon"
LINK_LIVES = 24 * 3600
COOKIE_LIVES = 7 * 24 * 3600
STAND_ALONE = "in the panel"


class SignedOut(Refused):
    """Nobody whom we know is asking: bounce, ask for a new token, or show the way in."""


class Forged(Refused):
    """A form that another site had the browser send."""


def login_link(shop_domain: str) -> str:
    """A link that opens the panel of `shop_domain` outside Shopify's admin; it works for a day."""
    return f"{settings.current().app_url}/login?key={_signer('panel link').dumps(shop_domain)}"


def redeem(key: str) -> str:
    """The cookie's value for the key of a login link. Raises SignedOut when it is too old or not ours."""
    return _signer("panel cookie").dumps(_signed(key, "panel link", LINK_LIVES))


def identify() -> None:
    """Puts the shop into `g.shop`, how it came into `g.embedded`, who asks into `g.who`. Raises SignedOut, Forged."""
    if token := _token():
        said = session.verify(token, clock.now())
        g.shop, g.embedded, g.who = install.shop_of(said.shop, token), True, f"staff member {said.user}"
    else:
        _refuse_forgery()
        g.shop, g.embedded, g.who = _shop_of_cookie(), False, STAND_ALONE
    logs.concerns(shop=g.shop.id)


def shop() -> Shop:
    """The shop that asks."""
    found: Shop = g.shop
    return found


def who() -> str:
    """The one who asks, in words that can be kept. Shopify tells a member of the staff by number; a signed link says of
    nobody who opens it."""
    found: str = g.who
    return found


def is_document() -> bool:
    """Does the browser itself ask, for a page? Otherwise a script does, which can be told to try again."""
    if "Authorization" in request.headers or "X-Turbo-Request-Id" in request.headers:
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


def _token() -> str | None:
    """The session token of a fetch, or of a document. A form posted by a page has the header, never the parameter."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() == "bearer":
        return token.strip()
    return request.args.get("id_token") if request.method == "GET" else None


def _shop_of_cookie() -> Shop:
    domain = _signed(request.cookies.get(COOKIE, ""), "panel cookie", COOKIE_LIVES)
    with snapshot() as tx:
        found = shops.find(tx, domain)
    if found is None or found.uninstalled_at is not None:
        raise SignedOut(f"Beckon is not installed in {domain}.")
    return found


def _refuse_forgery() -> None:
    """A cookie travels with whatever the browser sends: only pages of our own origin may act with it."""
    if request.method in {"GET", "HEAD"}:
        return
    origin = urlsplit(request.headers.get("Origin", "")).netloc
    if not origin or origin not in {request.host, urlsplit(settings.current().app_url).netloc}:
        raise Forged(
            "This form did not come from Beckon's own page. Open the page again and repeat it; nothing was changed."
        )


def _signed(text: str, salt: str, lives: int) -> str:
    try:
        return str(_signer(salt).loads(text, max_age=lives))
    except BadSignature:
        raise SignedOut("The link or the session is too old, or was changed on the way. Ask for a new link.") from None


class _Clocked(TimestampSigner):
    """Signs with the only clock, so that tests can let a link grow old."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


def _signer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secret, salt=salt, signer=_Clocked)
