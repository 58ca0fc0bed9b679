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
from .stage import Stage, Surroundings, stage, surroundings


@pytest.fixture(scope="session", autouse=True)
def both_browsers() -> None:
    needs.browsers()


@pytest.fixture(scope="module")
def around(both_browsers: None) -> Iterator[Surroundings]:
    with surroundings() as opened:
        yield opened


@pytest.fixture
def world(tmp_path: Path, own_settings: Settings, around: Surroundings) -> Iterator[Stage]:
    with stage(tmp_path, around) as opened:
        yield opened


@pytest.fixture(scope="module")
def started_chromium(around: Surroundings) -> Iterator[Chromium]:
    """Of a module and not of the session: while Playwright runs, no other test can use asyncio in this thread."""
    started = Chromium(around.push.chromium_switches, around.desktop.address)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def started_firefox(around: Surroundings) -> Iterator[Firefox]:
    started = Firefox(around.push.firefox_url, around.desktop.address)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture
def chromium(started_chromium: Chromium) -> Chromium:
    """Chromium with a single new tab."""
    started_chromium.renew()
    return started_chromium


@pytest.fixture
def firefox(started_firefox: Firefox) -> Firefox:
    """Firefox with a single new tab."""
    started_firefox.renew()
    return started_firefox


@pytest.fixture(params=["chromium", "firefox"])
def browser(request: pytest.FixtureRequest, world: Stage) -> Driven:
    """Each of the two in turn."""
    driven: Driven = request.getfixturevalue(request.param)
    return driven
