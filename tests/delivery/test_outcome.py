"""One table from statuses to outcomes, and its description in docs/push.md."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from plugin.base.outcomes import Outcome
from plugin.delivery.outcome import STATUSES, Said, answer, silence

DESCRIBED = (Path(__file__).parents[2] / "docs" / "push.md").read_text()


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "sent"), (201, "sent"), (202, "sent"), (204, "sent"),
        (404, "gone"), (410, "gone"),
        (429, "throttled"), (406, "throttled"),
        (413, "too_long"),
        (400, "rejected"), (401, "rejected"), (403, "rejected"), (405, "rejected"), (418, "rejected"),
        (408, "unavailable"), (500, "unavailable"), (502, "unavailable"), (503, "unavailable"), (599, "unavailable"),
        (301, "unavailable"), (307, "unavailable"), (101, "unavailable"), (999, "unavailable"), (0, "unavailable"),
    ],
)  # fmt: skip
def test_what_a_status_means(status: int, outcome: str) -> None:
    assert answer(7, status, None, "").said == outcome


def test_every_outcome_has_its_line_in_the_documentation_and_nothing_else_has() -> None:
    lines = [line for line in DESCRIBED.splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == [*Outcome]


def test_every_answer_has_its_line_in_the_documentation() -> None:
    for outcome in Said:
        assert f"| **{outcome}** |" in DESCRIBED, f"docs/push.md does not say what we do about {outcome}"


def test_every_status_stands_in_the_documentation_with_its_outcome() -> None:
    lines = {line.split("|")[1].strip().strip("*"): line for line in DESCRIBED.splitlines() if line.startswith("| **")}
    for status, (outcome, _) in STATUSES.items():
        assert str(status) in lines[outcome], f"docs/push.md does not name {status} among {outcome}"


def test_a_refusal_of_our_keys_may_concern_the_whole_campaign() -> None:
    refused = answer(7, 403, None, '{"reason":"VapidPkHashMismatch"}')

    assert refused.is_refusal
    assert refused.reason.endswith('It answered 403. {"reason":"VapidPkHashMismatch"}')


@pytest.mark.parametrize("status", [201, 404, 410, 413, 429, 500])
def test_other_answers_concern_one_person(status: int) -> None:
    assert not answer(7, status, None, "").is_refusal


def test_equal_answers_have_equal_reasons() -> None:
    """A report counts people by reason: what services say of one browser in passing does not belong there."""
    assert answer(1, 410, None, "token a1 expired").reason == answer(2, 410, None, "token b2 expired").reason


def test_retry_after_is_kept() -> None:
    assert answer(7, 503, timedelta(minutes=2), "").retry_after == timedelta(minutes=2)


def test_silence_is_unavailable() -> None:
    nobody = silence(7, "Connection refused")

    assert (nobody.said, nobody.status) == (Said.UNAVAILABLE, None)
    assert nobody.reason == "The push service did not answer: Connection refused."
