"""A pretend Shopify in the place of the real one."""

from __future__ import annotations

from tests.shopify.conftest import shopify

__all__ = ["shopify"]
