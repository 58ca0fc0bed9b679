"""Settings: typed, frozen, read once from the environment.

Every name has its line in docs/settings.md (a test asks for it).
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from .errors import BeckonError


@dataclass(frozen=True, slots=True)
class Keep:
    """How many days each kind of data is kept (plugin/profile/retention.py has a row for each)."""

    webhooks: int = 30
    failed_webhooks: int = 90
    views: int = 365
    carts: int = 180
    events: int = 365
    messages: int = 365
    visitors: int = 365
    membership_changes: int = 365
    ended_keys: int = 30
    requests: int = 365
    receipts: int = 1_095


@dataclass(frozen=True, slots=True)
class Billing:
    """A hosted offer: how its plans are sold. Self-hosted installations have none of this (docs/billing.md)."""

    way: Literal["app_pricing", "billing_api"]
    app_handle: str
    """The app's handle in the Partner Dashboard; the address of the hosted pricing page has it."""
    organization: str = ""
    """The Partner organization's number."""
    partner_token: str = field(default="", repr=False)
    partner_url: str = "https://partners.shopify.com"
    partner_version: str = "2026-07"
    test: bool = False
    """Charges of the Billing API take no money."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and another."""

    home: Path
    database_url: str
    redis_url: str | None
    """None: no queue, jobs run at once in the process that enqueues them."""
    secret: str = field(repr=False)
    """Signs stand-alone links."""
    app_url: str
    """Where browsers and Shopify reach this installation, without a trailing slash."""
    client_id: str
    client_secret: str = field(repr=False)
    old_client_secret: str | None = field(repr=False)
    """Accepted beside `client_secret` while secrets rotate."""
    encryption_keys: tuple[str, ...] = field(repr=False)
    """Encrypt what is secret in the database: the first one seals, each of them opens."""
    api_version: str = "2026-10"
    shopify_url: str = "https://{shop}"
    """Base of a shop's admin; `{shop}` is its myshopify.com domain. The sandbox changes it."""
    admin_url: str = "https://admin.shopify.com"
    """Origin of the admin that embeds the panel."""
    app_bridge_url: str = "https://cdn.shopify.com/shopifycloud/app-bridge.js"
    push_origins: tuple[str, ...] = ()
    """Push services accepted beside the known ones, as origins (`https://localhost:8243`)."""
    push_ca: Path | None = None
    """A file of certificates to trust for push services, instead of the usual ones."""
    push_connect_to: tuple[str, ...] = ()
    """curl's CONNECT_TO entries, `host:port:to-host:to-port`: leads a push service elsewhere in tests."""
    vapid_subject: str = "mailto:push@example.com"
    crypto_mb: bool = True
    """Encrypt eight pushes at a time where Intel's crypto_mb and a processor for it are there."""
    http2: Literal["own", "pycurl"] = "own"
    """Who speaks HTTP/2 to push services: our own engine, which leaves to libcurl what it doubts, or libcurl."""
    attribution: timedelta = field(default=timedelta(days=7))
    """An order counts for the last click of the same person at most this long before it."""
    undo: timedelta = field(default=timedelta(seconds=60))
    """A campaign sent "now" goes out this much later, so that the merchant can take it back."""
    lease: timedelta = field(default=timedelta(seconds=60))
    """A claim (of a webhook, a delivery) older than this belongs to a dead worker."""
    keep: Keep = field(default_factory=Keep)
    """Retention limits; a merchant may choose otherwise for some."""

    cities: Path = Path("var/cities")
    """Folder of the city database; without it nobody is located by a network address."""
    proxies: int = 0
    """Proxies of the installation's own in front of it, each of which adds to X-Forwarded-For."""
    billing: Billing | None = None
    """None: self-hosted, unlimited."""
    metrics_token: str | None = field(default=None, repr=False)
    """Opens /metrics from anywhere; without it only this machine itself may read them."""

    def shop_url(self, shop: str) -> str:
        """The base of one shop's admin, `https://name.myshopify.com`."""
        return self.shopify_url.format(shop=shop)

    @property
    def client_secrets(self) -> tuple[str, ...]:
        """The secrets that a signature may be made with, the newest first."""
        return (self.client_secret, self.old_client_secret) if self.old_client_secret else (self.client_secret,)


def from_environment(env: Mapping[str, str]) -> Settings:
    """Reads settings. Raises BeckonError naming the variable that cannot be used."""
    home = Path(env.get("BECKON_HOME", "var")).resolve()
    connect_to = _words(env.get("BECKON_PUSH_CONNECT_TO"))
    for entry in connect_to:
        if entry.count(":") != 3:
            raise BeckonError(f"BECKON_PUSH_CONNECT_TO: {entry!r} is not host:port:to-host:to-port.")
    vapid_subject = env.get("BECKON_VAPID_SUBJECT") or "mailto:push@example.com"
    if not vapid_subject.startswith(("mailto:", "https:")):
        raise BeckonError(f"BECKON_VAPID_SUBJECT is {vapid_subject!r}; push services take mailto:… or https:… only.")
    return Settings(
        home=home,
        database_url=_database_url(env.get("DATABASE_URL") or f"sqlite:///{home}/beckon.sqlite3"),
        redis_url=env.get("REDIS_URL") or None,
        secret=env.get("BECKON_SECRET") or _kept(home, "secret", lambda: secrets.token_urlsafe(32)),
        app_url=env.get("BECKON_URL", "http://localhost:8100").rstrip("/"),
        client_id=env.get("SHOPIFY_API_KEY", ""),
        client_secret=env.get("SHOPIFY_API_SECRET", ""),
        old_client_secret=env.get("SHOPIFY_OLD_API_SECRET") or None,
        encryption_keys=_encryption_keys(env.get("BECKON_ENCRYPTION_KEYS"), home),
        api_version=env.get("SHOPIFY_API_VERSION", "2026-10"),
        shopify_url=env.get("SHOPIFY_URL", "https://{shop}").rstrip("/"),
        admin_url=env.get("SHOPIFY_ADMIN_URL", "https://admin.shopify.com").rstrip("/"),
        app_bridge_url=env.get("SHOPIFY_APP_BRIDGE_URL", "https://cdn.shopify.com/shopifycloud/app-bridge.js"),
        push_origins=_words(env.get("BECKON_PUSH_ORIGINS")),
        push_ca=Path(env["BECKON_PUSH_CA"]) if env.get("BECKON_PUSH_CA") else None,
        push_connect_to=connect_to,
        vapid_subject=vapid_subject,
        crypto_mb=_switch(env, "BECKON_CRYPTO_MB"),
        http2=_http2(env.get("BECKON_HTTP2") or "own"),
        attribution=timedelta(days=_number(env, "BECKON_ATTRIBUTION_DAYS", 7)),
        undo=timedelta(seconds=_number(env, "BECKON_UNDO_SECONDS", 60)),
        lease=timedelta(seconds=_number(env, "BECKON_LEASE_SECONDS", 60)),
        keep=_keep(env),
        cities=Path(env.get("BECKON_CITIES") or home / "cities"),
        proxies=_proxies(env.get("BECKON_PROXIES") or "0"),
        billing=_billing(env),
        metrics_token=env.get("BECKON_METRICS_TOKEN") or None,
    )


def log_form() -> Literal["text", "json"]:
    """How lines are written, read before anything else so that every line is. Raises BeckonError."""
    form = os.environ.get("BECKON_LOG") or "text"
    if form not in ("text", "json"):
        raise BeckonError(f"BECKON_LOG is {form!r}; it is text or json.")
    return "json" if form == "json" else "text"


_settings: Settings | None = None


def current() -> Settings:
    """The settings of this process, read at the first call."""
    global _settings  # noqa: PLW0603  one frozen object, built once
    if _settings is None:
        _settings = from_environment(os.environ)
    return _settings


def use(settings: Settings) -> Settings:
    """Makes `settings` those of this process: for tests and for the command line's options."""
    global _settings  # noqa: PLW0603
    _settings = settings
    return settings


def _keep(env: Mapping[str, str]) -> Keep:
    usual = Keep()
    return Keep(
        webhooks=_number(env, "BECKON_KEEP_WEBHOOKS_DAYS", usual.webhooks),
        failed_webhooks=_number(env, "BECKON_KEEP_FAILED_WEBHOOKS_DAYS", usual.failed_webhooks),
        views=_number(env, "BECKON_KEEP_VIEWS_DAYS", usual.views),
        carts=_number(env, "BECKON_KEEP_CARTS_DAYS", usual.carts),
        events=_number(env, "BECKON_KEEP_EVENTS_DAYS", usual.events),
        messages=_number(env, "BECKON_KEEP_MESSAGES_DAYS", usual.messages),
        visitors=_number(env, "BECKON_KEEP_VISITORS_DAYS", usual.visitors),
        membership_changes=_number(env, "BECKON_KEEP_MEMBERSHIP_CHANGES_DAYS", usual.membership_changes),
        ended_keys=_number(env, "BECKON_KEEP_ENDED_KEYS_DAYS", usual.ended_keys),
        requests=_number(env, "BECKON_KEEP_REQUESTS_DAYS", usual.requests),
        receipts=_number(env, "BECKON_KEEP_RECEIPTS_DAYS", usual.receipts),
    )


def _billing(env: Mapping[str, str]) -> Billing | None:
    way = env.get("BECKON_BILLING") or None
    if way is None:
        return None
    found = Billing(
        way="billing_api" if way == "billing_api" else "app_pricing",
        app_handle=env.get("SHOPIFY_APP_HANDLE") or "beckon",
        organization=env.get("SHOPIFY_PARTNER_ORGANIZATION", ""),
        partner_token=env.get("SHOPIFY_PARTNER_TOKEN", ""),
        partner_url=env.get("SHOPIFY_PARTNER_URL", "https://partners.shopify.com").rstrip("/"),
        partner_version=env.get("SHOPIFY_PARTNER_API_VERSION") or "2026-07",
        test=env.get("BECKON_BILLING_TEST") == "1",
    )
    if way not in ("app_pricing", "billing_api"):
        raise BeckonError(
            f"BECKON_BILLING is {way!r}; it is app_pricing, billing_api, or not set at all (self-hosted)."
        )
    if way == "app_pricing" and not found.organization.isdigit():
        raise BeckonError("SHOPIFY_PARTNER_ORGANIZATION is not a number; it stands in the Partner Dashboard's address.")
    if way == "app_pricing" and not found.partner_token:
        raise BeckonError("SHOPIFY_PARTNER_TOKEN is missing: the token of a Partner API client that may manage apps.")
    return found


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit() or int(text) == 0:
        raise BeckonError(f"{name} is {text!r}; it must be a whole number above 0.")
    return int(text)


def _switch(env: Mapping[str, str], name: str) -> bool:
    """On unless it is 0."""
    text = env.get(name) or "1"
    if text not in ("0", "1"):
        raise BeckonError(f"{name} is {text!r}; it is 1 (on, as if it were not set) or 0 (off).")
    return text == "1"


def _http2(engine: str) -> Literal["own", "pycurl"]:
    if engine not in ("own", "pycurl"):
        raise BeckonError(f"BECKON_HTTP2 is {engine!r}; it is own or pycurl.")
    return "own" if engine == "own" else "pycurl"


def _proxies(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 10:
        raise BeckonError(f"BECKON_PROXIES is {text!r}; it is how many proxies stand before Beckon: 0, 1, 2….")
    return int(text)


def _database_url(url: str) -> str:
    if url.startswith(("postgres://", "postgresql://")):  # what hosts hand out; we speak psycopg 3
        return "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise BeckonError(f"DATABASE_URL: {url.split(':', 1)[0]!r} is not known; use sqlite:///… or postgresql://….")


def _encryption_keys(text: str | None, home: Path) -> tuple[str, ...]:
    keys = _words(text)
    where = "BECKON_ENCRYPTION_KEYS"
    if not keys:
        keys = (_kept(home, "encryption-key", lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()),)
        where = str(home / "encryption-key")
    return tuple(_encryption_key(key, f"{where}, key {number}") for number, key in enumerate(keys, 1))


def _encryption_key(key: str, where: str) -> str:
    """32 bytes as base64, in either alphabet. The key itself is not in the message, which goes into logs."""
    try:
        raw = base64.b64decode(key.translate(str.maketrans("-_", "+/")), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise BeckonError(f"{where} is not 32 bytes in base64. Make a key with `openssl rand -base64 32`.")
    return base64.urlsafe_b64encode(raw).decode()


def _kept(home: Path, name: str, make: Callable[[], str]) -> str:
    """A secret of the installation's own, made once and kept beside the data, for its owner's eyes."""
    file = home / name
    if not file.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(make())
        try:
            os.link(draft, file)  # atomic: of two processes that start together, one wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_text().strip()
