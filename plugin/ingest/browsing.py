"""What a browser tells beside the one thing that was looked at: the page, the way there, and the browser itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """A browser, as far as it says: Chrome on Android, a mobile. Each None where it does not."""

    device: str | None = None
    """desktop, mobile or tablet."""
    platform: str | None = None
    browser: str | None = None
    language: str | None = None
    """ISO 639: `en`."""


UNTOLD = Agent()


@dataclass(frozen=True, slots=True)
class Source:
    """The UTM words of the link that led to a page."""

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was opened. `path` has no query; `referrer` is a host other than the shop's."""

    path: str
    referrer: str | None = None
    source: Source | None = None
    """None: the link carried no UTM words."""
    agent: Agent = UNTOLD


@dataclass(frozen=True, slots=True)
class Article:
    """An article of the shop's blog, by Shopify's id and the handles in its address, as the theme shows it."""

    article_id: int
    blog: str
    handle: str
    title: str | None = None
    tags: tuple[str, ...] = ()
