"""Ready segments: what stores begin with, for every kind of question that a segment can ask, a file a kind.

Each one runs as it is; who takes one changes the numbers and names to fit the shop. To add one, add a row.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from plugin.base.errors import NotFound

from . import behaviour, contact, cycle, device, person, place, purchases, taste
from .shape import Template

__all__ = ["FIRST_FIVE", "SUBJECTS", "TEMPLATES", "Template", "find", "matching"]

SUBJECTS: Final[Mapping[str, str]] = {
    "place": "Place",
    "person": "About the person",
    "behaviour": "What they look at",
    "purchases": "What they buy",
    "cycle": "Life cycle",
    "taste": "Tastes",
    "device": "Device and source",
    "contact": "Consent, credit and other tools",
}
"""The kinds of questions, by key, in the order in which they are shown."""
TEMPLATES: Final[Mapping[str, tuple[Template, ...]]] = {
    "place": place.TEMPLATES,
    "person": person.TEMPLATES,
    "behaviour": behaviour.TEMPLATES,
    "purchases": purchases.TEMPLATES,
    "cycle": cycle.TEMPLATES,
    "taste": taste.TEMPLATES,
    "device": device.TEMPLATES,
    "contact": contact.TEMPLATES,
}
"""By the kinds' keys."""


def find(key: str) -> Template:
    """The template of that key. Raises NotFound."""
    for some in TEMPLATES.values():
        for template in some:
            if template.key == key:
                return template
    raise NotFound(f"There is no template {key[:60]!r}. `beckon segment templates` lists them.")


def matching(search: str, subject: str = "") -> dict[str, list[Template]]:
    """By kind (empty: any), those that have each word of `search` in name, query or sentence; no kind without any."""
    words = search.casefold().split()
    found = {
        kind: [one for one in some if _has(one, words)] for kind, some in TEMPLATES.items() if subject in ("", kind)
    }
    return {kind: some for kind, some in found.items() if some}


def _has(template: Template, words: list[str]) -> bool:
    said = f"{template.name} {template.query} {template.when}".casefold()
    return all(word in said for word in words)


FIRST_FIVE: Final = tuple(
    find(key) for key in ("bought-twice", "ordered-lately", "not-for-90-days", "spent-200", "subscribed-never-ordered")
)
"""What a shop without any segment is shown."""
