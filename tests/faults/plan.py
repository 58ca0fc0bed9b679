"""What one run is to be: people with browsers and their troubles, messages, and blows, all drawn from its seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from .push_service import Trouble

MOST_PEOPLE = 60
MOST_CARTS = 8
"""A reminder is two jobs of its own: with more of them a run takes much longer and shows nothing else."""
DOUBLED = "jobs doubled"

BLOWS = {
    "a worker killed": 8,
    "both workers killed": 3,
    "a worker stalled": 2,
    "the clock killed": 0.3,
    "Redis restarted": 2,
    "Redis killed": 2,
    "Redis flushed": 3,
    "PostgreSQL restarted": 2,
    DOUBLED: 6,
}
"""Kind → weight."""

TROUBLES = {
    Trouble("late", seconds=0.05): 4,
    Trouble("late", seconds=0.4): 3,
    Trouble("too late", seconds=3): 1,
    Trouble("cut before"): 1,
    Trouble("cut after"): 3,
    Trouble("status", 429): 2,
    Trouble("status", 500): 0.5,
    Trouble("status", 503): 0.5,
}


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser of somebody's."""

    gone: bool
    """It has ended its subscription, and its service says so."""
    asleep: bool
    """It comes back when the run is over."""
    troubles: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """One person with up to three browsers, the one used last first."""

    browsers: tuple[Browser, ...]
    has_cart: bool
    """They left a cart, so the reminder is for them."""

    @property
    def gone(self) -> bool:
        """They cannot be reached any more."""
        return all(each.gone for each in self.browsers)

    def reached(self, *, all_browsers: bool) -> tuple[Browser, ...]:
        """Those that are to have a message."""
        there = tuple(each for each in self.browsers if not each.gone)
        return there if all_browsers else there[:1]


@dataclass(frozen=True, slots=True)
class Blow:
    """Falls once so many pushes of the run have arrived, or so many seconds after its beginning."""

    kind: str
    which: int
    pushes: int | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    people: tuple[Person, ...]
    campaign: bool
    """Everybody is sent a campaign."""
    all_browsers: bool
    """Its messages go to all browsers; else to the one used last."""
    blows: tuple[Blow, ...]
    late_double: bool
    """Its jobs come once more when all is over."""


def draw(seed: int) -> Plan:
    """The plan of this seed, the same each time."""
    dice = random.Random(seed)
    campaign, carts = dice.choice([(True, 0.0), (True, 0.3), (True, 1.0), (False, 1.0)])
    most = MOST_PEOPLE if campaign else MOST_CARTS
    many = dice.choice([1, 2, 5, dice.randint(1, most), dice.randint(1, most)])
    trouble = dice.choice([0.0, 0.1, 0.3])
    people = tuple(_person(dice, trouble, carts if number < MOST_CARTS else 0.0) for number in range(many))
    blows = tuple(_blow(dice, many) for _ in range(dice.choice([1, 1, 2, 3, 4])))
    late_double = dice.random() < 0.3
    aside = random.Random(f"browsers of {seed}")  # other dice, so that what was drawn before stays the same
    people = tuple(_with_more_browsers(aside, person, trouble) for person in people)
    return Plan(seed, people, campaign, aside.random() < 0.4, blows, late_double)


def _person(dice: random.Random, trouble: float, carts: float) -> Person:
    gone = dice.random() < 0.06
    many = dice.randint(1, 2) if dice.random() < trouble else 0
    its = dice.choices(list(TROUBLES), list(TROUBLES.values()), k=many)
    if gone:
        its.append(Trouble("status", dice.choice([404, 410])))
    return Person((Browser(gone, dice.random() < 0.4, tuple(its)),), dice.random() < carts)


def _with_more_browsers(dice: random.Random, person: Person, trouble: float) -> Person:
    """A third of them have two or three."""
    more = dice.choice([0, 0, 0, 0, 1, 2])
    return replace(person, browsers=person.browsers + tuple(_person(dice, trouble, 0).browsers[0] for _ in range(more)))


def _blow(dice: random.Random, people: int) -> Blow:
    kind = dice.choices(list(BLOWS), list(BLOWS.values()))[0]
    pushes = dice.randint(1, people) if dice.random() < 0.7 else None
    return Blow(kind, dice.randrange(2), pushes, dice.uniform(0, 1.5))
