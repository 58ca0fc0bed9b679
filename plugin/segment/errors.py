"""What is wrong with a query: a sentence, the place, and a line with a caret under it."""

from __future__ import annotations

import unicodedata

from plugin.base.errors import BeckonError

WIDTH = 100
"""Columns of the line that `with_caret` shows."""


class SegmentError(BeckonError):
    """A query cannot be used. `message` says why and what to write; `query[start:end]` is the place."""

    def __init__(self, message: str, query: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.query = query
        self.start = max(0, min(start, len(query)))
        self.end = max(self.start, min(end, len(query)))

    def with_caret(self) -> str:
        """The sentence, the line of the query where it goes wrong, and carets under the place."""
        first = self.query.rfind("\n", 0, self.start) + 1
        last = self.query.find("\n", self.start)
        line = self.query[first : last if last >= 0 else len(self.query)]
        before, at = line[: self.start - first], line[self.start - first : self.end - first]
        after = line[len(before) + len(at) :]
        if len(line) > WIDTH:
            before, at, after = _shortened(before, at, after)
        carets = "^" * max(1, _columns(_printable(at)))
        return f"{self.message}\n  {_printable(before + at + after)}\n  {' ' * _columns(_printable(before))}{carets}"


def _shortened(before: str, at: str, after: str) -> tuple[str, str, str]:
    if len(before) > WIDTH // 2:
        before = "…" + before[-WIDTH // 2 :]
    if len(at) > WIDTH // 4:
        at, after = at[: WIDTH // 4], "…"
    if len(after) > WIDTH // 4:
        after = after[: WIDTH // 4] + "…"
    return before, at, after


def _printable(text: str) -> str:
    """Without what moves a terminal's cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _columns(text: str) -> int:
    """The columns that a terminal gives `text`."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)
