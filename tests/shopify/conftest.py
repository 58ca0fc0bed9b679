"""A pretend Shopify in the place of the real one."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from plugin.base import settings

from .pretend import Pretend, pretend


@pytest.fixture
def shopify(own_settings: settings.Settings) -> Iterator[Pretend]:
    with pretend() as known:
        settings.use(dataclasses.replace(settings.current(), shopify_url=f"{known.url}/shops/{{shop}}"))
        yield known
