"""The web pixel is switched on by itself, once per installation, and tried again until Shopify has it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from plugin.base import settings
from plugin.base.errors import Refused
from plugin.ingest import pixels
from plugin.shopify.answer import Answer
from plugin.shopify.client import document
from plugin.store import tables
from plugin.store.engine import Tx
from sandbox.adminapi import execution
from sandbox.adminapi import pixels as shopifys
from sandbox.settings import Settings
from sandbox.state import open_state
from sandbox.world import World
from tests.conftest import NOON
from tests.factories import make_shop

SCOPES = "read_orders,write_pixels,read_customer_events"


class AdminApi:
    """Shopify's Admin API as the sandbox answers it, without the wire."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.asked: list[str] = []

    def run(self, document_name: str, **variables: Any) -> Answer:
        self.asked.append(document_name)
        told = execution.run(self.world, document(document_name), variables)
        return Answer(told.get("data") or {})


@pytest.fixture
def api(tmp_path: Path) -> Iterator[AdminApi]:
    world = World(Settings(tmp_path), open_state(tmp_path / "sandbox.sqlite3"))
    yield AdminApi(world)
    world.db.close()


@pytest.fixture
def vanta(tx: Tx) -> int:
    return make_shop(tx, scopes=SCOPES)


def switch_on(tx: Tx, api: Any, shop_id: int) -> str:
    pixel = pixels.begin(tx, shop_id, NOON)
    assert pixel is not None
    pixel_id = pixels.switch_on(api, pixel)
    pixels.switched_on(tx, pixel, pixel_id, NOON)
    return pixel_id


def test_shopify_gets_the_address_and_a_key_that_nobody_guesses(tx: Tx, vanta: int, api: AdminApi) -> None:
    assert pixels.waiting(tx, NOON) == [vanta]
    pixel_id = switch_on(tx, api, vanta)

    known = pixels.of(tx, vanta)
    assert known is not None
    assert known.is_on
    assert len(known.key) == 32
    told = shopifys.current(api.world)
    assert told == {"id": pixel_id, "settings": {"endpoint": "https://beckon.test/pixel", "key": known.key}}
    assert pixels.shop_of(tx, known.key) == vanta
    assert pixels.waiting(tx, NOON + timedelta(days=1)) == []
    assert pixels.begin(tx, vanta, NOON) is None


def test_an_installation_that_moved_tells_shopify_the_new_address(tx: Tx, vanta: int, api: AdminApi) -> None:
    first = switch_on(tx, api, vanta)
    settings.use(dataclasses.replace(settings.current(), app_url="https://moved.test"))
    assert pixels.waiting(tx, NOON + timedelta(hours=1)) == [vanta]
    assert switch_on(tx, api, vanta) == first
    told = shopifys.current(api.world)
    assert told is not None
    assert told["settings"]["endpoint"] == "https://moved.test/pixel"


def test_a_shop_that_comes_back_gets_its_pixel_again(tx: Tx, vanta: int, api: AdminApi) -> None:
    switch_on(tx, api, vanta)
    shopifys.forget(api.world)  # uninstalling takes it away
    tx.execute(tables.shops.update().values(installed_at=NOON + timedelta(days=1)))
    assert pixels.waiting(tx, NOON + timedelta(days=1)) == [vanta]
    switch_on(tx, api, vanta)
    assert shopifys.current(api.world) is not None
    assert api.asked[-2:] == ["web_pixel_update", "web_pixel_create"]


def test_a_pixel_that_shopify_has_and_we_forgot_is_found(tx: Tx, vanta: int, api: AdminApi) -> None:
    first = switch_on(tx, api, vanta)
    tx.execute(tables.pixels.update().values(pixel_id=None))
    assert switch_on(tx, api, vanta) == first
    assert api.asked[-3:] == ["web_pixel_create", "web_pixel", "web_pixel_update"]


def test_what_shopify_does_not_take_is_said_in_its_words_and_tried_again(tx: Tx, vanta: int, api: AdminApi) -> None:
    settings.use(dataclasses.replace(settings.current(), app_url="not-an-address"))
    pixel = pixels.begin(tx, vanta, NOON)
    assert pixel is not None
    with pytest.raises(Refused, match="did not switch the web pixel on: endpoint does not keep to regex") as refused:
        pixels.switch_on(api, pixel)  # type: ignore[arg-type]
    pixels.failed(tx, pixel, str(refused.value))

    known = pixels.of(tx, vanta)
    assert known is not None
    assert not known.is_on
    assert "does not keep to regex" in (known.error or "")
    assert pixels.waiting(tx, NOON + timedelta(minutes=9)) == []
    assert pixels.waiting(tx, NOON + timedelta(minutes=11)) == [vanta]


def test_without_the_permission_shopify_is_not_asked(tx: Tx, api: AdminApi) -> None:
    shop_id = make_shop(tx, scopes="read_orders")
    assert pixels.waiting(tx, NOON) == []
    assert pixels.begin(tx, shop_id, NOON) is None


def test_an_answer_that_hides_the_pixel_is_a_sentence(tx: Tx, vanta: int, api: AdminApi, tmp_path: Path) -> None:
    toml = tmp_path / "shopify.app.toml"
    toml.write_text('[access_scopes]\nscopes = "write_pixels"\n')
    api.world = dataclasses.replace(api.world, settings=dataclasses.replace(api.world.settings, app_toml=toml))
    pixel = pixels.begin(tx, vanta, NOON)
    assert pixel is not None
    with pytest.raises(Refused, match="does not let Beckon"):
        pixels.switch_on(api, pixel)  # type: ignore[arg-type]


def test_shops_that_left_or_lost_their_access_are_left_alone(tx: Tx) -> None:
    make_shop(tx, "left.myshopify.com", scopes=SCOPES, uninstalled_at=NOON)
    make_shop(tx, "lost.myshopify.com", scopes=SCOPES, needs_reconnect=True)
    make_shop(tx, "new.myshopify.com", scopes=SCOPES, access_token=None)
    assert pixels.waiting(tx, NOON) == []
    assert tx.execute(select(tables.pixels)).all() == []
