"""What is wrong, or not wise, about a message: for the composer, and once more when sending begins."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from plugin.base.errors import BeckonError

from .content import Template
from .limits import BODY, LINK, PICTURE, TITLE, Limit
from .links import absolute
from .merge import MergeError, check, tags
from .words import NEEDING_A_DEFAULT


@dataclass(frozen=True, slots=True)
class Problem:
    """One sentence about one field; `start` and `end` when it is about a place in it."""

    field: str
    sentence: str
    start: int | None = None
    end: int | None = None
    only_a_warning: bool = False


def problems(template: Template, known_tags: Collection[str], storefront_url: str | None) -> list[Problem]:
    """All problems of `template`, field by field; empty when it is ready."""
    found = [] if template.title.strip() else [Problem("title", "The title is empty.")]
    fields = (
        ("title", template.title, TITLE),
        ("body", template.body, BODY),
        ("url", template.url, LINK),
        ("image_url", template.image or "", PICTURE),
    )
    for field, text, limit in fields:
        found += _about_text(field, text, limit, known_tags)
    found += _about_link("url", template.url, storefront_url)
    found += _about_link("image_url", template.image, storefront_url) if template.image else []
    return found


def errors(template: Template, known_tags: Collection[str], storefront_url: str | None) -> list[Problem]:
    """Those problems that forbid sending."""
    return [problem for problem in problems(template, known_tags, storefront_url) if not problem.only_a_warning]


def _about_text(field: str, text: str, limit: Limit, known_tags: Collection[str]) -> list[Problem]:
    try:
        check(text, known_tags)
    except MergeError as error:
        return [Problem(field, str(error), error.start, error.end)]
    for tag in tags(text):
        if tag.name in NEEDING_A_DEFAULT and not tag.default:
            sentence = f"Not everybody has one: write {{{{ {tag.name} | default: 'there' }}}}."
            return [Problem(field, sentence, tag.start, tag.end)]
    if len(text) > limit.hard:
        return [
            Problem(field, f"{len(text):,} characters; at most {limit.hard:,} are possible.", limit.hard, len(text))
        ]
    if len(text) > limit.recommended:
        sentence = f"{len(text)} characters: beyond about {limit.recommended} some systems cut it off."
        return [Problem(field, sentence, limit.recommended, len(text), only_a_warning=True)]
    return []


def _about_link(field: str, text: str, storefront_url: str | None) -> list[Problem]:
    try:
        if not tags(text):  # what a tag will say cannot be judged yet
            absolute(text, storefront_url)
    except BeckonError as error:
        return [] if isinstance(error, MergeError) else [Problem(field, str(error))]
    return []
