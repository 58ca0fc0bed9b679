"""What shoppers declare, and where they are: as much as was meant, and no address anywhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from sqlalchemy import select

from plugin.base import settings
from plugin.ingest import cities
from plugin.segment.compile import compile_segment
from plugin.segment.sql import members
from plugin.store import engine, tables
from plugin.store.engine import transaction
from plugin.storefront.pixel import blueprint
from tests.conftest import NOON
from tests.factories import make_pixel
from tests.privacy.lives import dump

from .conftest import Storefront
from .shoppers import ANN
from .test_pixel import GRANTED, KEY

HOME = "81.2.69.142"


def answer(question: str = "size", given: Any = "42", number: int = 1) -> dict[str, Any]:
    return {"id": f"answer-{number:04}", "visitor": ANN, "question": question, "answer": given}


def found(shop: int, query: str) -> int:
    with transaction() as tx:
        checked = compile_segment(query, now=NOON, timezone="Europe/London")
        return len(tx.execute(members(checked, shop)).all())


def test_of_each_question_the_last_answer_counts(storefront: Storefront, shop: int) -> None:
    assert storefront.post("answer", answer("Size", "41")).status_code == 200
    storefront.post("answer", answer("size", " 42 ", 2))
    storefront.post("answer", answer("size", " 42 ", 2))
    assert found(shop, "answered MATCHES (question = 'size', answer = '42')") == 1
    assert found(shop, "answered MATCHES (answer = '41')") == 0
    with transaction() as tx:
        assert len(tx.execute(select(tables.answers)).all()) == 2


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (answer(given=""), '"answer" is empty'),
        (answer(given=42), '"answer" is not a text'),
        (answer(given="x" * 201), "longer than 200"),
        (answer("size?"), '"question" is not up to 60'),
        (answer() | {"visitor": "Ann"}, '"visitor" is not a visitor\'s token'),
        ([], "not a JSON object"),
    ],
)
def test_an_odd_answer_is_refused_with_a_sentence(storefront: Storefront, body: Any, sentence: str) -> None:
    told = storefront.post("answer", body)
    assert told.status_code == 400
    assert sentence in told.get_json()["error"]


def test_nobody_answers_without_end(storefront: Storefront) -> None:
    codes = [storefront.post("answer", answer(number=number)).status_code for number in range(51)]
    assert codes == [200] * 50 + [429]


def test_a_shared_location_is_kept_to_a_kilometre(storefront: Storefront) -> None:
    for place in ({"latitude": 0, "longitude": 1}, {"latitude": 51.507351, "longitude": -0.127758}):
        assert storefront.post("location", {"visitor": ANN} | place).status_code == 200
    with transaction() as tx:
        [hers] = tx.execute(select(tables.person_located)).all()
    assert (hers.told_by, hers.latitude, hers.longitude, hers.country) == ("shopper", 51.51, -0.13, None)
    assert round(hers.x**2 + hers.y**2 + hers.z**2, 9) == 1


@pytest.mark.parametrize("latitude", [None, "51", 91, -90.01, True, 10**400])
def test_what_is_no_place_is_refused(storefront: Storefront, latitude: Any) -> None:
    told = storefront.post("location", {"visitor": ANN, "latitude": latitude, "longitude": 0})
    assert told.status_code == 400
    assert "degrees" in told.get_json()["error"]


@pytest.fixture
def city_database(tmp_path: Path) -> Iterator[None]:
    """DB-IP's shape with one London address in it."""
    writer = MMDBWriter(4, "dbip-city", float_type="f64")
    place = {"country_code": "GB", "state1": "England", "city": "London", "latitude": 51.5143, "longitude": -0.0912}
    writer.insert_network(IPSet([f"{HOME}/32"]), place)
    (tmp_path / "cities").mkdir()
    writer.to_db_file(str(tmp_path / "cities" / "dbip-city-ipv4.mmdb"))
    cities._reader.cache_clear()
    yield
    cities._reader.cache_clear()


@pytest.mark.usefixtures("city_database")
@pytest.mark.parametrize(
    ("proxies", "remote", "passed", "is_found"),
    [
        (0, HOME, "", True),
        (0, "10.0.0.1", HOME, False),  # what a stranger writes is not believed
        (1, "10.0.0.1", f"8.8.8.8, {HOME}", True),
        (1, "10.0.0.1", f"{HOME}, 8.8.8.8", False),
        (2, "10.0.0.1", HOME, False),
        (0, "192.168.0.7", "", False),
    ],
)
def test_a_shopper_is_located_by_an_address_that_is_not_kept(
    storefront: Storefront, shop: int, proxies: int, remote: str, passed: str, is_found: bool
) -> None:
    settings.use(dataclasses.replace(settings.current(), proxies=proxies))
    storefront.post("track", {"visitor": ANN, "views": []})
    with transaction() as tx:
        make_pixel(tx, shop, key=KEY)
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    event = {"id": "sh-12345678", "name": "cart_viewed", "at": "2026-11-18T11:59:30Z", "visitor": ANN}
    headers = {"X-Forwarded-For": passed} if passed else {}
    told = app.test_client().post(
        f"/pixel/{KEY}", json=event | {"consent": GRANTED}, headers=headers, environ_base={"REMOTE_ADDR": remote}
    )
    assert told.status_code == 202
    assert found(shop, "located_cities CONTAINS 'LONDON' AND located_countries CONTAINS 'GB'") == is_found
    cells = [str(cell) for rows in dump(engine.engine()).values() for row in rows for cell in row]
    assert not any(HOME in cell or remote in cell for cell in cells)


def test_without_a_database_nobody_is_located() -> None:
    cities._reader.cache_clear()
    assert (cities.locate(HOME), cities.made_on()) == (None, None)
    assert cities.locate("no address") is None
