"""`beckon clock`: what runs by the time of day. One is enough; two do no harm."""

from __future__ import annotations

import signal
import threading

import click

from plugin import schedule
from plugin.store.engine import open_store


@click.command()
def clock() -> None:
    """Bring what is due: scheduled campaigns, reminders, retries, and work that a dead process left behind."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    open_store()
    schedule.run_forever(stop)
