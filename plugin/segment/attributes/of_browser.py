"""Kinds of values that browsers tell: pages, hosts, words, devices."""

from __future__ import annotations

from collections.abc import Callable

from plugin.profile.views import phrase
from plugin.segment.kinds import Family, Kind, Takes, Unfit, choice, labels

LONGEST_WORDS = 100


def phrase_of(text: str) -> str:
    if len(text) > LONGEST_WORDS:
        raise Unfit(f"takes up to {LONGEST_WORDS} characters.")
    return phrase(text)


def _path(text: str) -> str:
    return text if text == "/" else _beginning(text).rstrip("/")


def _beginning(text: str) -> str:
    """A slash at the end counts: `/blogs/` is not the beginning of `/blogs`."""
    if not text.startswith("/"):
        raise Unfit(f"takes {PATH.example}.")
    return text


def _plain(
    name: str,
    example: str,
    key: Callable[[str], str] = str.casefold,
    begins: Callable[[str], str] | None = None,
) -> Kind:
    return Kind(name, Family.IDENTITY, Takes.TEXT, example, key=key, begins=begins)


SEARCHED = labels("words in single quotes such as 'blue lamp'", key=phrase_of, name="words")
PATH = _plain("path", "a path in single quotes such as '/pages/about'", _path, _beginning)
HANDLE = _plain("handle", "a handle as in the address, in single quotes, such as 'news'")
HOST = _plain("host", "a host in single quotes such as 'google.com'", lambda text: text.casefold().removeprefix("www."))
UTM = _plain("UTM word", "a word in single quotes such as 'newsletter'", lambda text: " ".join(text.casefold().split()))
LANGUAGE = _plain("language", "a language's two letters in single quotes such as 'de'")
BROWSER = Kind("browser", Family.IDENTITY, Takes.TEXT, "a browser in single quotes such as 'Chrome'")
PLATFORM = Kind("platform", Family.IDENTITY, Takes.TEXT, "a platform in single quotes such as 'Android'")
DEVICE = choice("a device", ("desktop", "mobile", "tablet"), name="device")
