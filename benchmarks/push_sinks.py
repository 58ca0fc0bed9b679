"""Push services that take everything: processes of their own, on loopback, TLS by a private authority."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme


@dataclass(frozen=True, slots=True)
class Sink:
    name: str
    origin: str
    ca: Path


@contextmanager
def either(home: Path) -> Iterator[Sink]:
    """Speaks HTTP/1.1 and HTTP/2 (hypercorn): the one that everybody can talk to."""
    with _running("hypercorn", home, [sys.executable, "-m", "benchmarks.push_sinks"]) as sink:
        yield sink


@contextmanager
def fast(home: Path) -> Iterator[Sink | None]:
    """nghttpd (Debian's nghttp2-server), HTTP/2 only; None where it is not installed."""
    program = shutil.which("nghttpd")
    if program is None:
        yield None
        return
    home.joinpath("www").mkdir()
    home.joinpath("www", "push").touch()
    with _running("nghttpd", home, [program, "-a", "127.0.0.1", "-d", str(home / "www")]) as sink:
        yield sink


@contextmanager
def _running(name: str, home: Path, program: list[str]) -> Iterator[Sink]:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    ca, key, chain = home / f"{name}-ca.pem", home / f"{name}-key.pem", home / f"{name}-chain.pem"
    authority.cert_pem.write_to_path(str(ca))
    issued.private_key_pem.write_to_path(str(key))
    issued.cert_chain_pems[0].write_to_path(str(chain))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([*program, str(port), str(key), str(chain)], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield Sink(name, f"https://localhost:{port}", ca)
    finally:
        process.kill()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("the sink did not start")


async def take_everything(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def main(port: str, key: str, chain: str) -> None:
    import asyncio

    import hypercorn
    from hypercorn.asyncio import serve

    config = hypercorn.Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keyfile, config.certfile = key, chain
    config.alpn_protocols = ["h2", "http/1.1"]
    config.errorlog = config.accesslog = None
    asyncio.run(serve(take_everything, config))


if __name__ == "__main__":
    main(*sys.argv[1:])
