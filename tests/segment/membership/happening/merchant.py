"""What the merchant does: segments, static lists, and the shop that moves."""

from __future__ import annotations

from sqlalchemy import select

from plugin.base.errors import NotFound
from plugin.ingest.events import ShopChanged
from plugin.segment import saved, versions
from plugin.segment.containing import asked_for
from plugin.segment.lists import members
from plugin.segment.lists import saved as lists
from plugin.segment.lists.read import Named
from plugin.store.tables import people
from tests.segment.membership.world import CUSTOMERS, VISITORS, World

LISTS = ("Fair 2026", "Gold")


def create(world: World) -> None:
    if len(saved.every(world.tx, world.shop_id)) < 8:
        query = world.dice.choice(world.queries)
        saved.create(world.tx, world.shop_id, f"Segment {world.number}", query, world.now)
        world.settle_all()


def save(world: World) -> None:
    for segment in saved.every(world.tx, world.shop_id)[:1]:
        query = world.dice.choice([one for one in world.queries if "in_segment" not in one])
        world.told[-1] += f" {segment.id}: {query}"
        saved.save(world.tx, world.shop_id, segment.id, segment.name, query, world.now)
        if world.dice.random() < 0.5:
            versions.restore(world.tx, world.shop_id, segment.id, 1, world.now)
        world.settle_all()


def delete(world: World) -> None:
    every = saved.every(world.tx, world.shop_id)
    inner = {name for segment in every for name in asked_for(segment.query)}
    free = [segment for segment in every if segment.name not in inner]
    if len(every) > 3 and free:
        saved.delete(world.tx, world.shop_id, world.dice.choice(free).id, world.now)


def move(world: World) -> None:
    """The shop's clocks are another place's."""
    if world.dice.random() < 0.5:
        zone = world.dice.choice(("Europe/London", "America/New_York", "Asia/Kathmandu"))
        world.take(ShopChanged("Vanta", "GBP", zone, None, world.now))
        world.settle_all()


def import_list(world: World) -> None:
    """A file that names customers and browsers, known or not."""
    named = [Named(1, "customer", str(world.dice.choice(CUSTOMERS))), Named(2, "visitor", world.dice.choice(VISITORS))]
    told = members.put(world.tx, world.shop_id, _list(world), named, "file", "people.csv", world.now)
    world.imports.append(told.import_id)


def put_on_list(world: World) -> None:
    """Some people by hand."""
    mine = select(people.c.id).where(people.c.customer_deleted_at.is_(None)).order_by(people.c.id)
    ids = world.tx.execute(mine).scalars().all()
    if ids:
        told = members.put_people(world.tx, world.shop_id, _list(world), {world.dice.choice(ids)}, "Some", world.now)
        world.imports.append(told.import_id)


def take_off_list(world: World) -> None:
    if world.imports:
        try:
            members.take_back(world.tx, world.shop_id, world.dice.choice(world.imports), world.now)
        except NotFound:
            world.told[-1] += " again"


def _list(world: World) -> int:
    name = world.dice.choice(LISTS)
    one = lists.by_name(world.tx, world.shop_id, name)
    return one.id if one else lists.create(world.tx, world.shop_id, name, world.now)
