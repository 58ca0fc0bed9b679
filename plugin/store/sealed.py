"""Secrets at rest. Tokens and private keys are encrypted (Fernet: AES-128-CBC with HMAC-SHA256) on their way into the
database; a row gives them sealed, and only who uses one opens it. Whoever steals a dump has no way into any shop.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from plugin.base import settings
from plugin.base.errors import BeckonError


class CannotOpen(BeckonError):
    """A sealed value was made with a key that we do not have."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A secret as the database keeps it; it may be logged."""

    kept: str

    def open(self) -> bytes:
        """The secret. Raises CannotOpen, saying what to do."""
        return _opened(self.kept, settings.current().encryption_keys)

    def text(self) -> str:
        """The secret, when it is a text."""
        return self.open().decode()

    @property
    def is_newest(self) -> bool:
        """Whether the first of the settings' keys opens it."""
        try:
            _opened(self.kept, settings.current().encryption_keys[:1])
        except CannotOpen:
            return False
        return True


def seal(secret: str | bytes) -> Sealed:
    """Encrypts with the newest key."""
    raw = secret.encode() if isinstance(secret, str) else secret
    return Sealed(_box(settings.current().encryption_keys).encrypt(raw).decode())


class SealedText(TypeDecorator[Sealed]):
    """A column of text: takes a plain text or a Sealed, gives a Sealed."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else _sealed(value).kept

    def process_result_value(self, value: str | None, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(value)


class SealedBytes(TypeDecorator[Sealed]):
    """A column of bytes, likewise."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else _sealed(value).kept.encode()

    def process_result_value(self, value: Any, dialect: Dialect) -> Sealed | None:
        return None if value is None else Sealed(bytes(value).decode("ascii", "replace"))


def _sealed(value: str | bytes | Sealed) -> Sealed:
    return value if isinstance(value, Sealed) else seal(value)


@functools.cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


@functools.lru_cache(maxsize=4_096)  # a batch of pushes opens its shop's key once, not five hundred times
def _opened(kept: str, keys: tuple[str, ...]) -> bytes:
    try:
        return _box(keys).decrypt(kept.encode())
    except InvalidToken:
        raise CannotOpen(
            "A secret in the database was encrypted with a key that this process does not have. Add the former key to"
            " BECKON_ENCRYPTION_KEYS, behind the newest, on every machine (without that setting the key is the file"
            " encryption-key in BECKON_HOME), and start again; then `beckon rotate-keys` puts everything under the"
            " newest key. See docs/settings.md, “Rotating the encryption key”."
        ) from None
