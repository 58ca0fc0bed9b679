"""The storefront's door, as its own tests have it."""

from __future__ import annotations

from tests.storefront.conftest import storefront

__all__ = ["storefront"]
