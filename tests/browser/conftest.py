"""A stage for each test, and on it each of the two browsers in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.base.settings import Settings

from . import needs
from .chromium import Chromium
from .driven import Driven
from .firefox import Firefox
from .stage import Stage, stage


@pytest.fixture(scope="session", autouse=True)
def both_browsers() -> None:
    needs.browsers()


@pytest.fixture
def world(tmp_path: Path, own_settings: Settings) -> Iterator[Stage]:
    with stage(tmp_path) as opened:
        yield opened


@pytest.fixture(params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest, world: Stage) -> Iterator[Driven]:
    driven: Driven
    if request.param == "chromium":
        driven = Chromium(world.push.chromium_switches, world.desktop.address)
    else:
        driven = Firefox(world.push.firefox_url, world.desktop.address)
    try:
        yield driven
    finally:
        driven.stop()
