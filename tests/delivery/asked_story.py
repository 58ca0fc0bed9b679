"""Generated stories of what is asked once more at the moment of sending: the campaign goes to a segment, opens a
product and has a code, any of which may end meanwhile; and consent is taken back between claim and push."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import case, select, update

from plugin.campaign.matching import FRESH
from plugin.delivery import claims
from plugin.segment import saved
from plugin.store.engine import Tx, transaction
from plugin.store.tables import campaigns, deliveries, discounts, memberships, order_lines, people, variants
from tests.conftest import NOON
from tests.delivery.rows import campaign
from tests.delivery.story import Story
from tests.factories import make_discount, make_order, make_product, make_variant

LAMP = 41
"""Its only variant."""


class AskedStory(Story):
    """Each push is held against the rows at that moment."""

    changing = 0.19

    def __init__(self, shop_id: int, dice: random.Random) -> None:
        super().__init__(shop_id, dice)
        with transaction() as tx:  # begun so long ago that the segment is asked again
            its = update(campaigns).where(campaigns.c.id == self.sale)
            ttl = campaign(tx, self.sale).ttl + int(FRESH.total_seconds())
            tx.execute(its.values(started_at=NOON - FRESH - timedelta(seconds=1), ttl=ttl))

    def _named(self, tx: Tx) -> dict[str, Any]:
        self.lamp = make_product(tx, self.shop_id, title="Lamp")
        make_variant(tx, self.shop_id, of=self.lamp, variant_id=LAMP)
        make_discount(tx, self.shop_id, "LAMP10")
        segment_id = saved.create(tx, self.shop_id, "New ones", "number_of_orders < 3", NOON)
        return {"segment_id": segment_id, "url": "/products/lamp", "body": "10 % off with LAMP10"}

    def _who_agrees(self, mine: list[claims.Claimed]) -> list[claims.Claimed]:
        if self.dice.random() < 0.2:
            with transaction() as tx:
                self._unsubscribes(tx, self.dice.choice(self.people))
        mine = super()._who_agrees(mine)
        if ids := [each.push.delivery_id for each in mine if each.campaign_id]:
            with transaction() as tx:
                self._is_right(tx, ids)
        return mine

    def _is_right(self, tx: Tx, ids: list[int]) -> None:
        """They are in the segment and have no lamp; there are lamps; and the code holds, or the merchant knows."""
        known = deliveries.c.id.in_(ids), deliveries.c.person_id.is_not(None)
        persons = set(tx.execute(select(deliveries.c.person_id).where(*known)).scalars())
        assert persons <= set(tx.execute(select(memberships.c.person_id)).scalars())
        bought = select(order_lines.c.person_id).where(order_lines.c.product_id == self.lamp)
        assert not persons & set(tx.execute(bought).scalars())
        assert tx.execute(select(variants.c.in_stock).where(variants.c.variant_id == LAMP)).scalar_one()
        if tx.execute(select(discounts.c.status)).scalar_one() != "active":
            assert campaign(tx, self.sale).told_codes == ["lamp10"]

    def _somebody_changes(self) -> None:
        if self.dice.random() > 0.8:
            super()._somebody_changes()
            return
        deed = self.dice.choice([self._buys, self._leaves, self._stock_turns, self._code_turns])
        with transaction() as tx:
            deed(tx, self.dice.choice(self.people))

    def _buys(self, tx: Tx, one: int) -> None:
        if tx.execute(select(people.c.id).where(people.c.id == one)).first():
            make_order(tx, self.shop_id, of=one, placed_at=self.now, lines=[(self.lamp, 1)])

    def _leaves(self, tx: Tx, one: int) -> None:
        tx.execute(update(people).where(people.c.id == one).values(number_of_orders=3))
        tx.execute(memberships.delete().where(memberships.c.person_id == one))

    def _stock_turns(self, tx: Tx, _: int) -> None:
        tx.execute(update(variants).where(variants.c.variant_id == LAMP).values(in_stock=~variants.c.in_stock))

    def _code_turns(self, tx: Tx, _: int) -> None:
        turned = case((discounts.c.status == "active", "expired"), else_="active")
        tx.execute(update(discounts).values(status=turned))
