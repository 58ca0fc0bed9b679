"""Since when a person gets notifications: the first of their subscriptions that still stand."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from plugin.store.batches import batches
from plugin.store.engine import Tx
from plugin.store.tables import people, subscriptions


def note(tx: Tx, person_ids: Collection[int]) -> None:
    """Writes it down anew; call it when a subscription of theirs began, ended or came to them."""
    stands = subscriptions.c.person_id == people.c.id, subscriptions.c.state == "active"
    since = select(func.min(subscriptions.c.created_at)).where(*stands).scalar_subquery()
    for some in batches(sorted(person_ids), 1_000):
        tx.execute(people.update().where(people.c.id.in_(some)).values(push_subscribed_at=since))
