"""Whatever is killed, restarted, flushed, doubled or cut: everybody is shown each message once, nobody misses one."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from plugin.base import settings

from . import sabotage
from .harness import Harness
from .plan import BLOWS, draw
from .sabotage import SABOTAGES
from .stage import Stage, stage

SHORT = (5, 18, 41, 64, 65, 78, 79, 177)
"""Seeds that have, together, every blow but that on the clock, which costs ten seconds."""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def running() -> Iterator[Stage]:
    with stage() as made:
        yield made


@pytest.fixture
def harness(running: Stage, own_settings: settings.Settings) -> Harness:
    settings.use(running.settings)
    return Harness(running, print)


def test_nothing_is_lost_and_nothing_is_shown_twice(harness: Harness, running: Stage) -> None:
    tally = harness.play((draw(seed) for seed in SHORT), side_by_side=len(SHORT))
    assert set(BLOWS) - {"the clock killed"} <= running.struck.keys()
    assert not tally.violations
    assert tally.runs == len(SHORT)


def test_the_harness_sees_a_message_doubled_and_one_lost(harness: Harness, running: Stage) -> None:
    plans = [
        sabotage.plan(number, killed_after=after, trouble=trouble)
        for number, (_, after, trouble, _) in enumerate(SABOTAGES)
    ]
    tally = harness.play(plans, begun=lambda run: SABOTAGES[run.plan.seed][0](running, run))
    for number, (deed, _, _, words) in enumerate(SABOTAGES):
        said = [each for each in tally.violations if each.startswith(f"seed {number}:")]
        assert any(re.search(words, each) for each in said), f"{deed.__name__}: {said}"


@pytest.mark.soak
def test_the_harness_sees_a_run_that_never_ends(harness: Harness, running: Stage) -> None:
    plan = sabotage.plan(0, killed_after=1)
    tally = harness.play([plan], too_long=20, begun=lambda run: sabotage.never_given_up(running, run))
    assert any("it hangs" in each for each in tally.violations)
