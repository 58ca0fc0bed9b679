"""The edge for the merchant's other tools: `POST /api/v1/events` with a key from Settings (docs/events.md).

200 a result for each event    401 no key, or one that opens nothing    429 more than the key may tell; Retry-After
400 no batch, with a sentence  413 longer than 512 KB
"""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from plugin.base import clock
from plugin.base.errors import Unreadable
from plugin.ingest import api_keys
from plugin.store.engine import transaction

from . import bodies
from .told import KEPT, KNOWN, REFUSED, Result, tell

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.post("/events")
def post_events() -> ResponseReturnValue:
    key = _key()
    if key is None:
        return _sentence("Send the key in a header: Authorization: Bearer bk_….", 401)
    now = clock.now()
    with transaction() as tx:
        if api_keys.open_with(tx, key, 0, now) is None:  # before a byte of the body is read
            return _sentence("This key opens nothing: it was revoked, or is not whole.", 401)
    request.max_content_length = bodies.LONGEST
    items = bodies.items(request.get_data(), now)
    with transaction() as tx:
        opened = api_keys.open_with(tx, key, len(items), now)
        if opened is None:
            return _sentence("This key opens nothing: it was revoked, or is not whole.", 401)
        if opened.wait:
            answer = jsonify(error=f"More events than this key may tell; try again in {opened.wait} seconds.")
            answer.headers["Retry-After"] = str(opened.wait)
            return answer, 429
        results = tell(tx, opened.shop_id, items, now, keeps_email=opened.keeps_email)
    return jsonify(_counted(results) | {"results": [_shown(one) for one in results]})


def _counted(results: list[Result]) -> dict[str, object]:
    return {status: sum(one.status == status for one in results) for status in (KEPT, KNOWN, REFUSED)}


def _shown(one: Result) -> dict[str, object]:
    return {name: value for name, value in asdict(one).items() if name != "error" or value}


def _key() -> str | None:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" and 0 < len(key) <= 200 else None


@blueprint.errorhandler(Unreadable)
def refuse(error: Unreadable) -> ResponseReturnValue:
    return _sentence(str(error), 400)


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    return _sentence(f"The body is longer than {bodies.LONGEST // 1024} KB. Send fewer events at once.", 413)


def _sentence(sentence: str, status: int) -> ResponseReturnValue:
    answer = jsonify(error=sentence)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Beckon events"'
    return answer, status
