"""`beckon worker`: one process that does queued work, as many of them as wanted, on as many machines."""

from __future__ import annotations

import logging

import click
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from plugin import queue
from plugin.base import settings
from plugin.base.errors import BeckonError
from plugin.store.engine import open_store


@click.command()
@click.option("--queues", default=",".join(queue.QUEUES), show_default=True, help="Served in this order.")
@click.option("--burst", is_flag=True, help="Stop when the queues are empty.")
def worker(queues: str, burst: bool) -> None:
    """Do queued work: webhooks, automations, campaigns, history.

    Jobs run in this process, not in a fork of it: connections to push services live on from one job to the next.
    """
    names = [name.strip() for name in queues.split(",") if name.strip()]
    if unknown := sorted(set(names) - set(queue.QUEUES)):
        raise BeckonError(f"There is no queue {unknown[0]!r}; the queues are {', '.join(queue.QUEUES)}.")
    if settings.current().redis_url is None:
        raise BeckonError(
            "REDIS_URL is not set. A worker needs a Redis to take work from: REDIS_URL=redis://localhost:6379/0."
        )
    open_store()
    served = [queue.the_queue(name) for name in names]
    SimpleWorker(served, connection=queue.redis(), serializer=JSONSerializer, log_job_description=False).work(
        burst=burst, logging_level=logging.getLevelName(logging.WARNING)
    )
