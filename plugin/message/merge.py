"""Merge tags: `{{ product.title }}`, `{{ product.price | default: 'a good price' }}`.

    text = (characters | tag)*
    tag  = "{{" name ["|" "default:" quoted] "}}"

A mistake is a sentence at its place, so that the editor can underline it. A tag without a value for one person and
without a default is a mistake too, of that one message.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from plugin.base.errors import BeckonError

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_INSIDE = re.compile(
    r"""\s*(?P<name>[a-z_]+(?:\.[a-z_]+)*)\s*(?:\|\s*default:\s*(?P<quote>['"])(?P<default>.*?)(?P=quote)\s*)?"""
)


class MergeError(BeckonError):
    """A merge tag that cannot be used, and where it stands."""

    def __init__(self, sentence: str, start: int, end: int) -> None:
        super().__init__(sentence)
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    default: str | None
    start: int
    end: int


def tags(text: str) -> list[Tag]:
    """The merge tags of `text`. Raises MergeError for what begins like one and is none."""
    if "{{" not in text and "}}" not in text:  # most texts have none
        return []
    found = [_tag(match) for match in _TAG.finditer(text)]
    rest = _TAG.sub(lambda match: " " * len(match.group()), text)
    for brackets in ("{{", "}}"):
        if (at := rest.find(brackets)) >= 0:
            other = "}}" if brackets == "{{" else "{{"
            raise MergeError(f"{brackets} has no {other} that belongs to it.", at, at + 2)
    return found


def check(text: str, known: Collection[str]) -> None:
    """Raises MergeError for the first tag that is not among `known`."""
    for tag in tags(text):
        if tag.name not in known:
            raise _unknown(tag, known)


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """`text` with each tag replaced; the keys of `values` are the known tags. Raises MergeError."""
    parts, done = [], 0
    for tag in tags(text):
        if tag.name not in values:
            raise _unknown(tag, values)
        value = values[tag.name] or tag.default
        if value is None:
            raise MergeError(f"{{{{ {tag.name} }}}} has no value here and no default.", tag.start, tag.end)
        parts += [text[done : tag.start], value]
        done = tag.end
    return "".join([*parts, text[done:]])


def _tag(match: re.Match[str]) -> Tag:
    inside = _INSIDE.fullmatch(match.group(1))
    if inside is None:
        raise MergeError(
            f"{match.group()} is no merge tag. Write {{{{ shop.name }}}}, or {{{{ shop.name | default: 'us' }}}}.",
            match.start(),
            match.end(),
        )
    return Tag(inside["name"], inside["default"], match.start(), match.end())


def _unknown(tag: Tag, known: Collection[str]) -> MergeError:
    names = ", ".join(sorted(known)) or "none"
    return MergeError(
        f"There is no {{{{ {tag.name} }}}} here. The merge tags of this message: {names}.", tag.start, tag.end
    )
