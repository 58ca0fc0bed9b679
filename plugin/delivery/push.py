"""Sends web pushes: check, encrypt, sign, POST, and say what became of each. Reads and writes no row, so that no
transaction is open while the network is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from plugin.audience.endpoints import service_of
from plugin.base import settings
from plugin.base.errors import BeckonError, Unreadable

from . import outcome, transport
from .encrypt import TooLong, encrypt_all
from .outcome import Answer, Said
from .post import Reply, Request, within
from .vapid import VapidKey, authorization

URGENCIES = frozenset({"very-low", "low", "normal", "high"})
LONGEST_TTL = 28 * 86_400
"""Seconds; Chrome's service keeps nothing longer."""

_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)


class Push(NamedTuple):
    """One message for one subscription, ready to be encrypted."""

    delivery_id: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    payload: bytes
    topic: str
    """Replaces an undelivered push of the same topic: what makes sending twice harmless."""
    ttl: int
    """Seconds for which the push service keeps it for a sleeping browser."""
    urgency: str
    vapid: VapidKey
    browser: int = 0
    """Which of several the delivery goes to (several.py); 0: it has one."""


def send_all(pushes: Sequence[Push], now: datetime) -> list[Answer]:
    """What became of each push, in their order. Nothing that one push has or meets holds up another."""
    sealed = encrypt_all((push.p256dh, push.auth, push.payload) for push in pushes)
    shared: Shared = {}
    prepared = [_request(push, body, shared, now) for push, body in zip(pushes, sealed, strict=True)]
    requests = [request for request in prepared if isinstance(request, Request)]
    replies = iter(transport.post_all(requests, within(settings.current().lease)))
    return [
        _answer(push, next(replies)) if isinstance(request, Request) else _refused(push, request)
        for push, request in zip(pushes, prepared, strict=True)
    ]


Shared = dict[tuple[bytes, str, int, str], tuple[str, tuple[str, ...]]]
"""Shop's public key, push service, TTL and urgency → origin, and the headers that all such pushes of a batch have."""


def _request(push: Push, body: bytes | BeckonError, shared: Shared, now: datetime) -> Request | BeckonError:
    """The endpoint was checked when it came; the settings may have changed since."""
    if isinstance(body, BeckonError):
        return body
    try:
        if not _TOPIC.fullmatch(push.topic):
            raise Unreadable(f"The topic {push.topic!r} is not one that web push knows.")
        alike = (push.vapid.public, service_of(push.endpoint), push.ttl, push.urgency)
        known = shared.get(alike)
        if known is None:
            shared[alike] = known = _shared(push, alike[1], now)
    except BeckonError as error:
        return error
    origin, headers = known
    return Request(origin, push.endpoint, headers, body, (f"Topic: {push.topic}",))


def _shared(push: Push, service: str, now: datetime) -> tuple[str, tuple[str, ...]]:
    if push.urgency not in URGENCIES:
        raise Unreadable(f"The urgency {push.urgency!r} is not one that web push knows.")
    origin = f"https://{service}"
    return origin, (
        f"Authorization: {authorization(push.vapid, origin, settings.current().vapid_subject, now)}",
        f"TTL: {max(0, min(push.ttl, LONGEST_TTL))}",
        f"Urgency: {push.urgency}",
        "Content-Encoding: aes128gcm",
        "Content-Type: application/octet-stream",
    )


def _answer(push: Push, reply: Reply) -> Answer:
    if reply.status is None:
        return outcome.silence(push.delivery_id, reply.words, push.browser)
    return outcome.answer(push.delivery_id, reply.status, reply.retry_after, reply.words, push.browser)


def _refused(push: Push, why: BeckonError) -> Answer:
    """We did not even try."""
    kind = Said.TOO_LONG if isinstance(why, TooLong) else Said.REJECTED
    return Answer(push.delivery_id, kind, None, None, str(why), push.browser)
