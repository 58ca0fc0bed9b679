"""Strangers' JSON, read with care: what is missing or odd is named by its path, `line_items[0].price`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from plugin.base.errors import Unreadable
from plugin.store.types import minor_units

LARGEST_ID = 2**63 - 1
LARGEST_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Part:
    """An object within a payload. `of` names the payload (`orders/create`), `path` the place in it."""

    of: str
    path: str
    value: dict[str, Any]

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def text(self, key: str, longest: int = 10_000) -> str:
        """Raises Unreadable, as all the readers here, when it is missing."""
        found = self.text_if_any(key, longest)
        return self._missing(key) if found is None else found

    def text_if_any(self, key: str, longest: int = 10_000) -> str | None:
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, str):
            raise self._wrong(key, "is not a text")
        if len(found) > longest:
            raise self._wrong(key, f"is longer than {longest} characters")
        return found if found.isascii() and "\0" not in found else _storable(found)

    def texts(self, key: str) -> tuple[str, ...]:
        """Tags: `"a, b"` as webhooks write them, or a list as GraphQL does; empty when missing."""
        found = self.value.get(key)
        if found is None:
            return ()
        words = found.split(",") if isinstance(found, str) else found
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise self._wrong(key, "is neither a text nor a list of texts")
        return tuple(dict.fromkeys(_storable(word.strip()) for word in words if word.strip()))

    def id(self, key: str) -> int:
        found = self.id_if_any(key)
        return self._missing(key) if found is None else found

    def id_if_any(self, key: str) -> int | None:
        """12, `"12"` or `"gid://shopify/Order/12"`; 64 bits."""
        found = self.value.get(key)
        if found is None:
            return None
        if isinstance(found, str):
            digits = found.rpartition("/")[2].partition("?")[0]
            found = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
        if not isinstance(found, int) or isinstance(found, bool) or not 0 < found <= LARGEST_ID:
            raise self._wrong(key, "is not an id")
        return found

    def count(self, key: str) -> int:
        found = self.count_if_any(key)
        return self._missing(key) if found is None else found

    def count_if_any(self, key: str) -> int | None:
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, int) or isinstance(found, bool) or abs(found) > LARGEST_COUNT:
            raise self._wrong(key, "is not a whole number")
        return found

    def money(self, key: str, currency: str) -> int:
        """In minor units of `currency`."""
        found = self.value.get(key)
        if found is None:
            self._missing(key)
        if not isinstance(found, str | int | Decimal) or isinstance(found, bool):
            raise self._wrong(key, "is not an amount of money")
        try:
            return minor_units(str(found), currency)
        except Unreadable:
            raise self._wrong(key, "is not an amount of money") from None

    def instant(self, key: str) -> datetime:
        found = self.instant_if_any(key)
        return self._missing(key) if found is None else found

    def instant_if_any(self, key: str) -> datetime | None:
        found = self.value.get(key)
        if found is None:
            return None
        try:
            moment = datetime.fromisoformat(found)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            pass
        raise self._wrong(key, "is not an instant with its zone")

    def part(self, key: str) -> Part:
        found = self.part_if_any(key)
        return self._missing(key) if found is None else found

    def part_if_any(self, key: str) -> Part | None:
        found = self.value.get(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise self._wrong(key, "is not an object")
        return Part(self.of, f"{self.path}{key}.", found)

    def parts(self, key: str) -> Iterator[Part]:
        if self.value.get(key) is None:
            self._missing(key)
        return self.parts_if_any(key)

    def parts_if_any(self, key: str) -> Iterator[Part]:
        found = self.value.get(key) or []
        if not isinstance(found, list):
            raise self._wrong(key, "is not a list")
        for position, one in enumerate(found):
            if not isinstance(one, dict):
                raise self._wrong(f"{key}[{position}]", "is not an object")
            yield Part(self.of, f"{self.path}{key}[{position}].", one)

    def _missing(self, key: str) -> Any:
        raise self._wrong(key, "is missing")

    def _wrong(self, key: str, what: str) -> Unreadable:
        return Unreadable(f'{self.of}: "{self.path}{key}" {what}.')


def read(of: str, body: bytes) -> Part:
    """A JSON object. Raises Unreadable. Numbers with a point stay exact."""
    try:
        value = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{of}: this is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise Unreadable(f"{of}: this is not a JSON object.")
    return Part(of, "", value)


def currency(part: Part, key: str) -> str:
    """A currency's three letters."""
    found = part.text(key, 3).upper()
    if len(found) != 3 or not found.isalpha() or not found.isascii():
        raise Unreadable(f'{part.of}: "{part.path}{key}" is not a currency.')
    return found


def country(part: Part | None, key: str) -> str | None:
    """A country's two letters; None where an address has none, or is hidden from us."""
    found = part.value.get(key) if part else None
    return found.upper() if isinstance(found, str) and len(found) == 2 and found.isascii() and found.isalpha() else None


def web_address(part: Part | None, key: str) -> str | None:
    """A link that a browser may open; None for anything else."""
    found = part.text_if_any(key, 4_000) if part else None
    return found if found and found.startswith(("https://", "http://")) else None


def _storable(text: str) -> str:
    """Without what no database takes: NUL and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
