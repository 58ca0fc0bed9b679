"""A query's characters → (kind, value) pairs, by walking over them one at a time."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from typing import Any

LONGEST_QUERY = 50_000
LONGEST_NUMBER = 25

Piece = tuple[str, Any]


class Refused(Exception):
    """The query cannot be used."""


def pieces(query: str) -> list[Piece]:
    """Kinds: word, text, sign, number, day, second, shift (count, unit). The last one is ("end", None)."""
    if len(query) > LONGEST_QUERY:
        raise Refused("too long")
    found: list[Piece] = []
    at = 0
    while at < len(query):
        letter = query[at]
        if (letter.isspace() and letter not in "\x1c\x1d\x1e\x1f") or letter in "\u200b\ufeff":
            at += 1
        elif letter == "'":
            text, at = _text(query, at + 1)
            found.append(("text", text))
        elif letter in "=<>!" and query[at : at + 2] in ("!=", ">=", "<="):
            found.append(("sign", query[at : at + 2]))
            at += 2
        elif letter in "=<>(),:":
            found.append(("sign", letter))
            at += 1
        elif _plain(letter) and not letter.isdigit():
            end = _run(query, at, "_")
            while query[end : end + 1] == "." and _plain(query[end + 1 : end + 2]):
                end = _run(query, end + 1, "_-")
            found.append(("word", query[at:end]))
            at = end
        elif letter.isascii() and (letter.isdigit() or letter in "+-"):
            end = _run(query, at + 1, "_.:+-/")
            found.append(_figure(query[at:end]))
            at = end
        else:
            raise Refused(f"{letter!r} cannot stand here")
    return [*found, ("end", None)]


def _plain(letter: str) -> bool:
    return letter == "_" or (letter.isascii() and letter.isalnum())


def _run(query: str, at: int, also: str) -> int:
    while at < len(query) and (_plain(query[at]) or query[at] in also):
        at += 1
    return at


def _text(query: str, at: int) -> tuple[str, int]:
    r"""From behind the opening quote. `\'` and `\\` mean what follows the backslash; any other backslash is itself."""
    said: list[str] = []
    while at < len(query):
        letter = query[at]
        if letter == "'":
            text = "".join(said)
            if "\0" in text or any("\ud800" <= one <= "\udfff" for one in text):
                raise Refused("not a text that can be stored")
            return text, at + 1
        if letter == "\\" and at + 1 < len(query):
            following = query[at + 1]
            said.append(following if following in "'\\" else letter + following)
            at += 2
        else:
            said.append(letter)
            at += 1
    raise Refused("no closing quote")


def _figure(figure: str) -> Piece:
    """What begins with a digit or a sign: a number, a date, an offset, or nothing."""
    if len(figure) == 10 and figure[4] + figure[7] == "--":
        return "day", _calendar(date, figure)
    if len(figure) == 19 and figure[4] + figure[7] + figure[10] + figure[13] + figure[16] == "--T::":
        return "second", _calendar(datetime, figure)
    if len(figure) > LONGEST_NUMBER:
        raise Refused("too long a number")
    count, *unit = figure.split("_")
    if len(unit) == 2 and unit[1] == "ago" and unit[0].removesuffix("s") in ("hour", "day", "week", "month", "year"):
        if not count.isdigit():
            raise Refused(figure)
        return "shift", (-int(count), unit[0][0])
    if (
        figure[-1].lower() in "dwmyh"
        and _digits(figure[:-1].lstrip("+-"))
        and figure[1:-1].isdigit() | figure[0].isdigit()
    ):
        return "shift", (int(figure[:-1]), figure[-1].lower())
    whole, *part = figure[figure[0] in "+-" :].split(".")
    if _digits(whole) and (not part or (len(part) == 1 and _digits(part[0]))):
        return "number", Fraction(figure)
    raise Refused(f"{figure} is neither a number nor a date")


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _calendar(kind: type[date], figure: str) -> date:
    if not all(_digits(part) for part in figure.replace("T", "-").replace(":", "-").split("-")):
        raise Refused(figure)
    try:
        return kind.fromisoformat(figure)
    except ValueError:
        raise Refused(f"there is no {figure}") from None
