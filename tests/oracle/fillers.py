"""All subjects' rows in one store."""

from __future__ import annotations

from random import Random

from tests.oracle import fill_behaviour as behaviour
from tests.oracle import fill_customer as customer
from tests.oracle import fill_elsewhere as elsewhere
from tests.oracle import fill_messages as messages
from tests.oracle import fill_trade as trade
from tests.oracle import stores
from tests.oracle.stores import Subject, World

SUBJECTS = (
    Subject(pools=(behaviour.pools, trade.pools, customer.pools, elsewhere.pools, messages.pools)),
    Subject(shelve=(trade.shelve, customer.shelve, elsewhere.shelve, messages.shelve)),
    Subject(live=(trade.buy, customer.live, behaviour.views, behaviour.visits, behaviour.carts)),
    Subject(live=(elsewhere.lists, elsewhere.events, elsewhere.answers, elsewhere.whereabouts, elsewhere.checkouts)),
    Subject(live=(messages.subscriptions, messages.messages)),
)


def invent(r: Random) -> World:
    return stores.invent(r, SUBJECTS)
