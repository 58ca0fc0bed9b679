"""A worker outlives a restart of Redis, and answers to whoever enqueues come soon when Redis is away."""

from __future__ import annotations

import dataclasses
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plugin import jobs, queue
from plugin.base import settings
from plugin.store import engine
from plugin.store.tables import metadata
from tests import servers


def test_a_worker_goes_on_after_a_restart_of_redis(tmp_path: Path) -> None:
    port = servers.free_port()
    mine = settings.use(dataclasses.replace(settings.current(), redis_url=f"redis://127.0.0.1:{port}/0"))
    metadata.create_all(engine.open_store())
    redis = servers.start_valkey(port, tmp_path)
    env = {**os.environ, "BECKON_HOME": str(mine.home), "REDIS_URL": str(mine.redis_url)}  # noqa: TID251  for the worker
    told = tmp_path / "told"
    with told.open("w") as log:
        worker = subprocess.Popen([sys.executable, "-m", "app", "worker"], env=env, stderr=log)
    try:
        assert queue.enqueue(queue.HISTORY, jobs.clean_up)
        _until(lambda: queue.backlog(queue.HISTORY) == 0, "the first job")
        redis.kill()
        redis.wait(10)
        assert not queue.enqueue(queue.HISTORY, jobs.clean_up)
        redis = servers.start_valkey(port, tmp_path)
        assert queue.enqueue(queue.HISTORY, jobs.clean_up)
        _until(lambda: queue.backlog(queue.HISTORY) == 0, "the job after the restart")
        assert worker.poll() is None
        assert told.read_text().count("pushes are encrypted") == 1
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        redis.kill()
        redis.wait(10)
        queue.redis().close()
        engine.close_store()


def test_a_redis_that_hangs_holds_nobody_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        settings.use(dataclasses.replace(settings.current(), redis_url=url))
        started = time.monotonic()
        assert not queue.enqueue(queue.HISTORY, jobs.clean_up)
        assert time.monotonic() - started < 4  # Shopify waits five seconds
        queue.redis().close()


def _until(fact: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not fact():
        if time.monotonic() > end:
            pytest.fail(f"waited in vain for {what}")
        time.sleep(0.1)
