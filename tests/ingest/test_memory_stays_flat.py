"""A history of any length is read in the same memory: the peak after 200 MB is the peak after 20."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from .test_history import line, order

READER = """
import resource, sys
from datetime import UTC, datetime
from plugin.base import settings
from plugin.ingest.history import batches_of
from plugin.ingest.nodes.source import Source
from plugin.shopify.client import Client
url, early = sys.argv[1], int(sys.argv[2])
told = {"BECKON_SECRET": "x", "SHOPIFY_API_KEY": "k", "SHOPIFY_API_SECRET": "hush", "BECKON_URL": "https://beckon.test"}
settings.use(settings.from_environment(told | {"SHOPIFY_URL": url}))
peak, at = 0, 0
source = Source("orders", "GBP", datetime(2026, 11, 18, 12, tzinfo=UTC))
for batch in batches_of(source, Client("x.myshopify.com", "").download(url), offset=0, objects=0):
    at = batch.offset
    if not peak and at >= early:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(at, peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
MB = 1024 * 1024


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, int]]:
    """The address and the size of a file of 200 MB: orders with three lines each."""
    file = tmp_path / "orders.jsonl"
    with file.open("wb") as out:
        number = 0
        while out.tell() < 200 * MB:
            number += 1
            whole = [order(number), *(line(number * 10 + piece, of=number) for piece in range(3))]
            out.write(b"".join(json.dumps(one).encode() + b"\n" for one in whole))

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(tmp_path))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/orders.jsonl", file.stat().st_size
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.soak
def test_the_peak_does_not_grow_with_the_file(served: tuple[str, int]) -> None:
    url, size = served
    words = [sys.executable, "-c", READER, url, str(20 * MB)]
    told = subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    read, early, late = map(int, told.stdout.split())
    assert read == size
    assert late - early < 8 * 1024  # KB
