"""The bell's words in the shopper's language: those of the theme app extension, so that they stand in one place."""

from __future__ import annotations

import functools
import json
from pathlib import Path

LOCALES = Path(__file__).parents[2] / "extensions" / "web-push" / "locales"


def bell(locale: str, shop_name: str) -> dict[str, str]:
    """All words of the bell for `locale` ("de-CH" takes those of "de"; what nobody translated is English).

    `lang` says which language they are in, for screen readers.
    """
    language = locale.replace("_", "-").partition("-")[0].lower()
    words = _by_language()
    spoken = language if language in words else "en"
    return {"lang": spoken} | {name: text.replace("{shop}", shop_name) for name, text in words[spoken].items()}


@functools.cache
def _by_language() -> dict[str, dict[str, str]]:
    return {
        file.name.partition(".")[0]: json.loads(file.read_text("utf-8"))["bell"]
        for file in LOCALES.glob("*.json")
        if not file.name.endswith(".schema.json")  # words of the theme editor
    }
