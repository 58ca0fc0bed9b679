"""All subjects' rows in one store."""

from __future__ import annotations

from random import Random

from tests.oracle import fill_behaviour as behaviour
from tests.oracle import fill_cycle as cycle
from tests.oracle import fill_place as place
from tests.oracle import stores
from tests.oracle.stores import TRADE, Subject, World

SUBJECTS = (
    Subject(pools=(behaviour.pools, cycle.pools, place.pools)),  # first: browsers that agreed tell of them
    TRADE,
    Subject(shelve=(behaviour.shelve,), live=(behaviour.views, behaviour.visits, behaviour.carts, behaviour.messages)),
    Subject(shelve=(cycle.shelve,), live=(cycle.live, place.live)),
)


def invent(r: Random) -> World:
    return stores.invent(r, SUBJECTS)
