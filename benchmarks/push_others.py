"""How others send: pywebpush as its README shows it, its asynchronous sister over aiohttp, node's web-push."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pywebpush

from benchmarks.push_sink import Sink
from plugin.delivery.push import Push

NODE = Path(__file__).with_name("push_node.mjs")
UNDER_WAY = 100
CLAIMS = {"sub": "mailto:push@example.com"}


def plain(sink: Sink, pushes: Sequence[Push]) -> None:
    os.environ["REQUESTS_CA_BUNDLE"] = str(sink.ca)  # noqa: TID251  its only way to trust a private authority
    for push in pushes:
        answer = pywebpush.webpush(**_asked(push))
        if answer.status_code != 201:
            raise RuntimeError(answer.text)


def asynchronous(sink: Sink, pushes: Sequence[Push]) -> None:
    asyncio.run(_send_all(sink, pushes))


async def _send_all(sink: Sink, pushes: Sequence[Push]) -> None:
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=sink.ca), limit=UNDER_WAY)
    async with aiohttp.ClientSession(connector=connector) as session:
        waiting = iter(pushes)
        await asyncio.gather(*(_send_some(session, waiting) for _ in range(UNDER_WAY)))


async def _send_some(session: aiohttp.ClientSession, waiting: Iterator[Push]) -> None:
    timeout = aiohttp.ClientTimeout(30)  # its own default is not one that today's aiohttp takes
    for push in waiting:
        answer = await pywebpush.webpush_async(**_asked(push), aiohttp_session=session, timeout=timeout)
        if answer.status != 201:
            raise RuntimeError(await answer.text())


def node(home: Path, sink: Sink, pushes: Sequence[Push]) -> float:
    """CPU microseconds a message of its process, without its start."""
    vapid = pushes[0].vapid
    keys = {"subject": CLAIMS["sub"], "publicKey": b64(vapid.public), "privateKey": b64(vapid.private)}
    asked = {
        "subscriptions": [subscription(push) for push in pushes],
        "payload": pushes[0].payload.decode(),
        "vapidDetails": keys,
        "ca": str(sink.ca),
    }
    file = home / "node.json"
    file.write_text(json.dumps(asked))
    return float(subprocess.run(["node", NODE, file], capture_output=True, check=True, timeout=300).stdout)


def subscription(push: Push) -> dict[str, Any]:
    return {"endpoint": push.endpoint, "keys": {"p256dh": b64(push.p256dh), "auth": b64(push.auth)}}


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _asked(push: Push) -> dict[str, Any]:
    return {
        "subscription_info": subscription(push),
        "data": push.payload.decode(),
        "vapid_private_key": b64(push.vapid.private),
        "vapid_claims": dict(CLAIMS),
        "ttl": push.ttl,
    }
