"""A shop's first sight: the token is exchanged, the shop is kept, its history is asked for. And its return."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Row

from plugin import queue
from plugin.base import settings
from plugin.store.engine import snapshot, transaction
from plugin.store.tables import shops
from tests.admin.conftest import SECRET, SHOP, TokenEndpoint, session_token

Headers = Callable[..., dict[str, str]]


@pytest.fixture(autouse=True)
def waiting_room(redis_url: str, token_endpoint: TokenEndpoint) -> Iterator[None]:
    """A real queue without a worker: jobs stay where they can be counted."""
    settings.use(replace(settings.current(), redis_url=redis_url))
    queue.redis().flushdb()
    yield
    queue.redis().flushdb()


def test_a_new_shop_is_installed_and_its_history_asked_for(
    client: FlaskClient, token_endpoint: TokenEndpoint, at_noon: datetime
) -> None:
    token = session_token(at_noon)

    assert client.get("/", query_string={"embedded": "1", "shop": SHOP, "id_token": token}).status_code == 200

    assert token_endpoint.asked == [
        {
            "path": f"/{SHOP}/admin/oauth/access_token",
            "client_id": "client-id",
            "client_secret": SECRET,
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": token,
            "subject_token_type": "urn:ietf:params:oauth:token-type:id_token",
            "requested_token_type": "urn:shopify:params:oauth:token-type:offline-access-token",
            "expiring": 1,
        }
    ]
    kept = _shop()
    assert (kept.access_token.text(), kept.refresh_token.text(), kept.installed_at) == ("shpat_1", "shprt_1", at_noon)
    assert queue.the_queue(queue.HISTORY).count == 1


def test_the_second_page_exchanges_nothing(client: FlaskClient, token_endpoint: TokenEndpoint, bearer: Headers) -> None:
    client.get("/", headers=bearer())
    client.get("/segments", headers=bearer())

    assert len(token_endpoint.asked) == 1
    assert queue.the_queue(queue.HISTORY).count == 1


def test_a_shop_that_comes_back_is_installed_anew_with_its_keys(
    client: FlaskClient, token_endpoint: TokenEndpoint, bearer: Headers, at_noon: datetime
) -> None:
    client.get("/", headers=bearer())
    keys = _shop().vapid_public
    with transaction() as tx:
        tx.execute(shops.update().values(uninstalled_at=at_noon, access_token=None))
    token_endpoint.answer["access_token"] = "shpat_2"

    assert client.get("/", headers=bearer()).status_code == 200

    again = _shop()
    assert (again.access_token.text(), again.uninstalled_at, again.vapid_public) == ("shpat_2", None, keys)
    assert queue.the_queue(queue.HISTORY).count == 2


def test_lost_access_is_mended_by_opening_the_app(
    client: FlaskClient, token_endpoint: TokenEndpoint, bearer: Headers
) -> None:
    client.get("/", headers=bearer())
    with transaction() as tx:
        tx.execute(shops.update().values(needs_reconnect=True))

    client.get("/", headers=bearer())

    assert _shop().needs_reconnect is False
    assert queue.the_queue(queue.HISTORY).count == 1, "the history is there already"


def test_a_token_that_shopify_does_not_take_is_asked_for_again(
    client: FlaskClient, token_endpoint: TokenEndpoint, bearer: Headers
) -> None:
    token_endpoint.refuses()

    answer = client.get("/", headers=bearer())

    assert answer.status_code == 401
    assert answer.headers["X-Shopify-Retry-Invalid-Session-Request"] == "1"
    with snapshot() as tx:
        assert tx.execute(shops.select()).all() == []


def test_when_shopify_is_away_the_page_says_so(
    client: FlaskClient, token_endpoint: TokenEndpoint, bearer: Headers
) -> None:
    token_endpoint.status, token_endpoint.answer = 502, {}

    answer = client.get("/", headers=bearer())

    assert answer.status_code == 503
    assert "gave no tokens" in answer.get_data(as_text=True)


def _shop() -> Row[Any]:
    with snapshot() as tx:
        return tx.execute(shops.select()).one()
