"""The door for all of Shopify's webhooks: verify, record, enqueue, 200. What is in them is read later, by a worker."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from plugin import queue
from plugin.base.errors import Refused, Unreadable

from . import arrivals
from .verify import opened

LARGEST = 8 * 1024 * 1024

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks")
def receive() -> Response:
    """401 for a wrong signature, 503 when we cannot store it (Shopify tries again), 200 otherwise, repeated or not."""
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    try:
        arrival = opened(request.headers, body)
    except Refused as error:
        return _answer(HTTPStatus.UNAUTHORIZED, str(error))
    except Unreadable as error:
        return _answer(HTTPStatus.BAD_REQUEST, str(error))
    try:
        fresh = arrivals.keep(arrival)
    except (OperationalError, InterfaceError, NoConnection):
        return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "The database is away; send it again.")
    if fresh:
        queue.enqueue(queue.WEBHOOKS, queue.APPLY_WEBHOOKS, fresh)
    return _answer(HTTPStatus.OK, "")


def _answer(status: HTTPStatus, sentence: str) -> Response:
    return Response(sentence, status=status, mimetype="text/plain")
