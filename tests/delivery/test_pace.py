"""What is learned of a push service: its rate, and whether it is there at all. Values, no clock and no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from plugin.delivery import pace
from plugin.delivery.pace import Heard, Service, learn, line_up, words
from tests.conftest import NOON

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
GOOGLE = Service("fcm.googleapis.com")


def heard(
    *, taken: int = 0, throttled: int = 0, nobody: int = 0, refused: int = 0, rest: int = 0, ago: int = 1
) -> Heard:
    """A batch that was claimed `ago` seconds before noon; seconds of rest."""
    return Heard(
        answers=taken + throttled + nobody + refused,
        taken=taken,
        throttled=throttled,
        nobody=nobody,
        rest=timedelta(seconds=rest),
        claimed_at=NOON - ago * SECOND,
        words="The push service is overloaded or being repaired.",
    )


def test_a_service_that_takes_everything_is_sent_all_we_have() -> None:
    assert learn(GOOGLE, heard(taken=500), NOON) == GOOGLE
    after, places = line_up(GOOGLE, 10_000, NOON)
    assert after == GOOGLE
    assert {place.at for place in places} == {None}


def test_the_rate_is_half_of_what_it_was_when_a_service_asks_for_patience() -> None:
    slower = learn(GOOGLE, heard(taken=300, throttled=200, rest=60), NOON)
    assert (slower.rate, slower.slow_until) == (250, NOON + MINUTE)  # 500 answers in a second
    again = learn(slower, replace(heard(throttled=9, rest=5), claimed_at=NOON + 2 * MINUTE), NOON + 3 * MINUTE)
    assert again.rate == 125


def test_what_was_under_way_when_it_was_halved_does_not_halve_it_again() -> None:
    slower = learn(GOOGLE, heard(throttled=500, rest=60), NOON)
    same = learn(slower, heard(throttled=500, rest=90, ago=5), NOON + SECOND)
    assert (same.rate, same.slow_until) == (slower.rate, NOON + 91 * SECOND)


def test_one_browser_that_gets_too_much_is_not_its_service() -> None:
    assert learn(GOOGLE, heard(taken=499, throttled=1, rest=60), NOON) == GOOGLE
    assert learn(GOOGLE, heard(taken=19, throttled=1), NOON).rate is not None


def test_the_rate_grows_slowly_and_then_there_is_none() -> None:
    service = replace(GOOGLE, rate=100.0, throttled_at=NOON)
    grown = learn(service, heard(taken=100), NOON)  # a second's worth
    assert grown.rate == 105
    for _ in range(3_000):
        grown = learn(grown, heard(taken=5_000), NOON)
    assert grown.rate is None


def test_a_rate_of_yesterday_is_forgotten() -> None:
    service = replace(GOOGLE, rate=5.0, throttled_at=NOON - timedelta(days=1, seconds=1))
    assert pace.as_of(service, NOON).rate is None


def test_places_follow_each_other_at_the_rate() -> None:
    service = replace(GOOGLE, rate=10.0, throttled_at=NOON)
    after, places = line_up(service, 400, NOON)

    now_or_soon = [place for place in places if place.kept]
    assert sum(place.at is None for place in places) == 21  # two seconds' worth, and the first
    assert len(now_or_soon) == 301
    assert now_or_soon[-1].at == NOON + 30 * SECOND
    later = [place.at for place in places if not place.kept]
    assert later[-1] is not None
    assert later[-1] < NOON + 36 * SECOND  # they come back at twice the pace
    _, next_ones = line_up(after, 1, NOON + SECOND)
    assert next_ones[0].at is not None
    assert next_ones[0].at > NOON + 30 * SECOND


def test_ten_pushes_that_find_nobody_open_the_circuit_for_longer_each_time() -> None:
    service, now = GOOGLE, NOON
    service = learn(service, heard(nobody=9), now)
    assert (service.open_until, service.failures) == (None, 9)
    pauses = []
    for _ in range(8):
        service = learn(service, replace(heard(nobody=1), claimed_at=now), now)
        assert service.open_until is not None
        pauses.append((service.open_until - now).total_seconds())
        now = service.open_until
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]
    assert service.failing_since == NOON
    assert learn(service, heard(refused=1), now) == GOOGLE  # it is there, whatever it says


def test_late_news_of_an_open_circuit_does_not_open_it_once_more() -> None:
    opened = learn(GOOGLE, heard(nobody=500), NOON)
    assert learn(opened, heard(nobody=500, ago=20), NOON + SECOND).open_until == opened.open_until


def test_a_service_that_answers_some_is_there() -> None:
    assert learn(GOOGLE, heard(taken=1, nobody=499), NOON).open_until is None


def test_the_state_can_be_read_as_a_sentence() -> None:
    assert words(GOOGLE, NOON) is None
    opened = learn(GOOGLE, heard(nobody=10), NOON)
    assert words(opened, NOON) == (
        "Not there since 12:00 UTC: The push service is overloaded or being repaired. "
        "It is asked again at 12:00:30 UTC."
    )
    slower = learn(GOOGLE, heard(throttled=500, rest=60), NOON)
    assert words(slower, NOON) == "It asked for a rest until 12:01:00 UTC."
    assert words(slower, NOON + MINUTE) == "It takes about 250 messages a second; Beckon keeps to that."


@given(
    st.lists(
        st.builds(
            heard,
            taken=st.integers(0, 500),
            throttled=st.integers(0, 500),
            nobody=st.integers(0, 500),
            refused=st.integers(1, 5),
            rest=st.integers(0, 100_000),
            ago=st.integers(0, 60),
        ),
        max_size=30,
    ),
    st.integers(1, 1_000),
)
def test_whatever_a_service_says_its_rate_stays_within_bounds_and_places_never_overlap(
    told: list[Heard], wanted: int
) -> None:
    service, now = GOOGLE, NOON
    for each in told:
        now += SECOND
        service = learn(service, each, now)
        assert service.rate is None or pace.SLOWEST <= service.rate <= pace.UNPACED
    after, places = line_up(service, wanted, now)
    assert len(places) == wanted
    if service.rate is not None:
        kept = [place for place in places if place.kept]
        first = max(now, service.free_at or now)
        assert after.free_at is not None
        assert abs((after.free_at - first).total_seconds() - len(kept) / service.rate) < 0.01
