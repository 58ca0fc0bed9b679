"""A user agent string becomes a browser, a platform and a device. Why so: docs/decisions/0034."""

from __future__ import annotations

from ua_parser import parse

from .browsing import Agent

LONGEST = 500
"""Characters that are looked at: the longest honest ones have three hundred."""

_BROWSERS = {
    "Mobile Safari": "Safari",
    "Mobile Safari UI/WKWebView": "Safari",
    "Chrome Mobile": "Chrome",
    "Chrome Mobile iOS": "Chrome",
    "Chrome Mobile WebView": "Chrome",
    "HeadlessChrome": "Chrome",
    "Firefox Mobile": "Firefox",
    "Firefox iOS": "Firefox",
    "Edge Mobile": "Edge",
    "Opera Mobile": "Opera",
}
_PLATFORMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS", "Ubuntu": "Linux", "Fedora": "Linux", "Debian": "Linux"}


def agent_of(user_agent: str | None, *, language: str | None = None, is_tablet: bool = False) -> Agent:
    """What a browser's header says; `is_tablet`: its script saw a touch screen where the header says Macintosh."""
    text = (user_agent or "")[:LONGEST]
    found = parse(text)
    browser = found.user_agent.family if found.user_agent else None
    platform = found.os.family if found.os else None
    platform = _PLATFORMS.get(platform, platform) if platform else None
    if is_tablet and platform == "macOS":
        platform = "iOS"  # an iPad, which gives itself out as a Mac
    device = _device(text, platform, is_tablet=is_tablet) if platform else None
    return Agent(device, platform, _BROWSERS.get(browser, browser) if browser else None, language)


def _device(text: str, platform: str | None, *, is_tablet: bool) -> str:
    """Chrome and Firefox say Mobile on telephones and leave it out on tablets; an old iPad says both."""
    if is_tablet or "iPad" in text or "Tablet" in text or (platform == "Android" and "Mobi" not in text):
        return "tablet"
    return "mobile" if "Mobi" in text or platform in ("iOS", "Android") else "desktop"
