"""The process of the tests' push service: a real TLS server on loopback. `python -m … PORT CHAIN LOG STREAMS ALPN…`

Answers what the path asks it to answer, and appends what it received to LOG, a line of JSON each.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from typing import Any
from urllib.parse import parse_qs

import hypercorn
from hypercorn.asyncio import serve


async def application(log: Any, scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    received = {
        "path": scope["path"],
        "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
        "body": base64.b64encode(body).decode(),
        "http": scope["http_version"],
        "connection": scope["client"][1],
    }
    log.write(json.dumps(received) + "\n")
    wishes = {name: values[0] for name, values in parse_qs(scope["query_string"].decode(), encoding="latin-1").items()}
    await asyncio.sleep(float(wishes.get("seconds", "0")))
    answer = [(b"retry-after", wishes["retry_after"].encode())] if "retry_after" in wishes else []
    answer += [(b"x-junk-%d" % i, b"j" * 1_000) for i in range(int(wishes.get("junk", "0")) // 1_000)]
    status = int(scope["path"].split("/")[2])
    if 300 <= status < 400:
        answer.append((b"location", b"/push/201/elsewhere"))
    await send({"type": "http.response.start", "status": status, "headers": answer})
    said = wishes.get("says", "").encode("latin-1") or b"x" * int(wishes.get("bytes", "0"))
    await send({"type": "http.response.body", "body": said})


def main(port: str, chain: str, log: str, streams: str, *alpn: str) -> None:
    config = hypercorn.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.certfile = config.keyfile = chain
    config.h2_max_concurrent_streams = int(streams)
    config.alpn_protocols = list(alpn)
    config.errorlog = config.accesslog = None
    with open(log, "a", buffering=1) as lines:  # noqa: PTH123  append mode: the test may empty it

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await application(lines, scope, receive, send)

        asyncio.run(serve(app, config))  # type: ignore[arg-type]


if __name__ == "__main__":
    main(*sys.argv[1:])
