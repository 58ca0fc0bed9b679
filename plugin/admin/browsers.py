"""Which browser on which system, as far as its user agent says."""

from __future__ import annotations

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
_SERVICES = (("googleapis.com", "Chrome"), ("mozilla.com", "Firefox"), ("apple.com", "Safari"), ("windows.com", "Edge"))


def browser_of(user_agent: str | None, service: str) -> str:
    """ "Chrome on Android"; without a user agent what the push service tells, "Firefox"."""
    agent = user_agent or ""
    browser = _first(_BROWSERS, agent) or _first(_SERVICES, service) or "A browser"
    system = _first(_SYSTEMS, agent)
    return f"{browser} on {system}" if system else browser


def _first(names: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for mark, name in names if mark in text), None)
