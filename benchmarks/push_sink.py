"""The push service that everybody sends to: a process of its own on loopback, TLS by a private authority."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

PROGRAM = Path(__file__).with_suffix(".mjs")
AT_ONCE, AFTER_A_WHILE = "push", "slow"
"""First parts of a path: whether answers come at once, or after 40 to 120 ms."""


@dataclass(frozen=True, slots=True)
class Sink:
    origin: str
    ca: Path


@contextmanager
def running(home: Path) -> Iterator[Sink]:
    """Speaks HTTP/1.1 and HTTP/2; keeps its files in `home`."""
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    ca, key, chain = home / "ca.pem", home / "key.pem", home / "chain.pem"
    authority.cert_pem.write_to_path(str(ca))
    issued.private_key_pem.write_to_path(str(key))
    issued.cert_chain_pems[0].write_to_path(str(chain))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(["node", PROGRAM, str(port), key, chain])
    try:
        _wait_for(port, process)
        yield Sink(f"https://localhost:{port}", ca)
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
