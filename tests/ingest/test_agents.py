"""Which browser on which device, from what browsers of 2026 say."""

from __future__ import annotations

import time

import pytest

from plugin.ingest.agents import agent_of

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"
SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
MAC = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {SAFARI} Safari/605.1.15"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Chrome Windows desktop"),
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/142.0.0.0", "Edge Windows desktop"),
        (MAC, "Safari macOS desktop"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {SAFARI} Mobile/15E148 Safari/604.1",
            "Safari iOS mobile",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
            "CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
            "Chrome iOS mobile",
        ),
        (f"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) {SAFARI} Mobile/15E148 Safari/604.1", "Safari iOS tablet"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "Chrome Android mobile"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Safari/537.36", "Chrome Android tablet"),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
            "Chrome/130.0.0.0 Mobile Safari/537.36",
            "Samsung Internet Android mobile",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox Linux desktop"),
        ("Mozilla/5.0 (Android 14; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox Android mobile"),
        ("Mozilla/5.0 (Android 14; Tablet; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox Android tablet"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36", "Chrome ChromeOS desktop"),
    ],
)
def test_browsers_are_known_by_their_header(said: str, meant: str) -> None:
    found = agent_of(said)
    assert f"{found.browser} {found.platform} {found.device}" == meant


def test_an_ipad_is_known_by_its_script() -> None:
    found = agent_of(MAC, is_tablet=True, language="de")
    assert (found.device, found.platform, found.language) == ("tablet", "iOS", "de")


@pytest.mark.parametrize("said", [None, "", "x", "(" * 2_000, "Mozilla/5.0 " + "Chrome/" * 5_000, "\N{ROBOT FACE}"])
def test_anything_may_be_said_and_costs_little(said: str | None) -> None:
    agent_of("")  # what it knows is loaded
    begun = time.perf_counter()
    assert agent_of(said).device is None
    assert time.perf_counter() - begun < 0.2
