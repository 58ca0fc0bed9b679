"""`beckon worker`: one process that does queued work, as many of them as wanted, on as many machines."""

from __future__ import annotations

import logging
import time
from types import FrameType
from typing import Any

import click
from redis.exceptions import RedisError
from rq import Queue
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from plugin import queue
from plugin.base import logs, settings
from plugin.base.errors import BeckonError
from plugin.delivery import agree
from plugin.queue import about_job
from plugin.store.engine import open_store

log = logging.getLogger(__name__)


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
    log.info("pushes are encrypted %s", agree.engine().words)
    while not _work(names, burst=burst):
        time.sleep(1)


def _work(names: list[str], *, burst: bool) -> bool:
    """Works until asked to stop; False when Redis went away in the middle of a job, which ends RQ's loop."""
    try:
        served = [queue.the_queue(name) for name in names]
        worker = Lasting(
            served, connection=queue.redis(), serializer=JSONSerializer, log_job_description=False, worker_ttl=60
        )
        worker.work(burst=burst, logging_level=logging.getLevelName(logging.WARNING))
    except RedisError as error:
        log.warning("Redis is away, trying again: %s", error)
        return False
    return burst or worker.asked_to_stop


class Lasting(SimpleWorker):
    """Tells the end that somebody wanted from the end that befell it."""

    asked_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """A signal came."""
        self.asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ gives no types here

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Every line that the job writes says which it is."""
        with about_job(str(job.func_name), job.args):
            return super().perform_job(job, queue, execution)

    def handle_job_failure(self, job: Job, *told: Any, **more: Any) -> None:
        """A failed job keeps what it was about, so that its shop is shown it."""
        job.meta = dict(logs.fields())
        job.save_meta()  # type: ignore[no-untyped-call]  # RQ gives no types here
        super().handle_job_failure(job, *told, **more)
