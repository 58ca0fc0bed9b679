"""The carrier: RQ on Redis. The database is the truth, so a job is only a hint to look there; losing one loses nothing.

Queue names stand in the order in which workers serve them: a big campaign never holds up a webhook or a reminder.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from plugin.base import logs, settings

log = logging.getLogger(__name__)

WEBHOOKS, AUTOMATIONS, SEGMENTS, CAMPAIGNS, HISTORY = QUEUES = (
    "webhooks",
    "automations",
    "segments",
    "campaigns",
    "history",
)

APPLY_WEBHOOKS = "webhooks.ingest.apply_webhooks"
"""The one job that stands to the right of us in imports and to the left in the data's way: named, not imported."""
WEBHOOKS_A_JOB = 10


def enqueue(queue: str, job: Callable[..., Any] | str, *args: int | str | list[int]) -> bool:
    """Hands `job(*args)` to a worker; call it after the commit. False when Redis is away: the clock will find the row.

    Without Redis in the settings the job runs here and now, and what it raises is raised. RQ retries nothing:
    a job that failed leaves its row as it was, and the clock brings the row again.
    """
    if settings.current().redis_url is None:
        _run_here(_function(job), args)
        return True
    name = job if isinstance(job, str) else f"{job.__module__}.{job.__qualname__}"
    try:
        the_queue(queue).enqueue(name, *args, result_ttl=0, failure_ttl=86_400, job_timeout=600)
    except RedisError as error:
        log.warning("queue away, the clock will bring it: %s%s: %s", name, args, error)
        return False
    return True


def backlog(queue: str) -> int | None:
    """Jobs that wait in `queue`; Empty when Redis is away. Without Redis none ever waits."""
    if settings.current().redis_url is None:
        return 0
    try:
        return the_queue(queue).count
    except RedisError:
        return None


@dataclass(frozen=True, slots=True)
class Carried:
    """What one queue holds: jobs that wait, since when the first of them does, and jobs that broke."""

    waiting: int
    oldest_at: datetime | None
    failed: int


def carried() -> dict[str, Carried] | None:
    """What each queue holds; Empty when Redis is away. Without Redis nothing ever waits."""
    if settings.current().redis_url is None:
        return {name: Carried(0, None, 0) for name in QUEUES}
    try:
        return {name: _carried(the_queue(name)) for name in QUEUES}
    except RedisError:
        return None


def _carried(held: Queue) -> Carried:
    first = held.get_jobs(0, 1)
    oldest_at = first[0].enqueued_at if first else None
    return Carried(held.count, oldest_at, held.failed_job_registry.get_job_count(cleanup=False))


def workers() -> int | None:
    """Workers that were heard of lately; Empty when Redis is away. Without Redis there are none, and none is needed."""
    if settings.current().redis_url is None:
        return 0
    try:
        return len(Worker.all(connection=redis()))
    except RedisError:
        return None


@dataclass(frozen=True, slots=True)
class Broken:
    """A job that broke within the last day. Of the error only its kind: its words may name somebody."""

    id: str
    job: str
    error: str
    at: datetime | None
    shop_id: int | None
    campaign_id: int | None


def broken(shop_id: int | None = None, most: int = 50) -> list[Broken]:
    """Jobs that broke, of one shop or all of them, the latest of each queue first. Empty when Redis is away."""
    if settings.current().redis_url is None:
        return []
    try:
        found = [job for name in QUEUES for job in _failed(the_queue(name), most)]
    except RedisError:
        return []
    told = [_broken(job) for job in found]
    return [each for each in told if shop_id is None or each.shop_id == shop_id]


def again(shop_id: int, job_id: str) -> bool:
    """Enqueues a job of this shop's that broke once more. False when there is none (any more): it was done already."""
    for each in broken(shop_id):
        if each.id == job_id:
            try:
                job = Job.fetch(job_id, redis(), serializer=JSONSerializer)
                the_queue(job.origin).failed_job_registry.requeue(job)
            except (RedisError, NoSuchJobError, InvalidJobOperation):
                return False
            return True
    return False


def _failed(held: Queue, most: int) -> list[Job]:
    ids = held.failed_job_registry.get_job_ids(0, most - 1, desc=True, cleanup=False)
    return [job for job in Job.fetch_many(ids, redis(), serializer=JSONSerializer) if job is not None]


def _broken(job: Job) -> Broken:
    last = job.latest_result()
    said = (last.exc_string or "").strip().splitlines() if last else []
    error = said[-1].partition(":")[0].strip() if said else "unknown"
    about, name = job.meta, str(job.func_name).rpartition(".")[2]
    return Broken(job.id, name, error, job.ended_at, about.get("shop"), about.get("campaign"))


def the_queue(name: str) -> Queue:
    """The RQ queue of that name, jobs as JSON (never pickle)."""
    return Queue(name, connection=redis(), serializer=JSONSerializer)


def redis() -> Redis:
    """This process's Redis client."""
    url = settings.current().redis_url
    if url is None:
        raise RuntimeError("REDIS_URL is not set; jobs run inline")
    return _client(url)


@functools.cache
def _client(url: str) -> Redis:
    """Gives up soon: who enqueues has an answer to give. (A worker's own patience is RQ's to set.)"""
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=Retry(NoBackoff(), 0))


def about_job(job: Callable[..., Any] | str, args: Sequence[Any]) -> AbstractContextManager[None]:
    """Lines within are about this job and what its arguments name. A job of another version, which is not here any
    more, is known by its name only."""
    try:
        function = _function(job)
    except (ImportError, AttributeError):
        return logs.about(job=str(job).rpartition(".")[2])
    named = dict(zip(inspect.signature(function).parameters, args, strict=False))
    return logs.about(job=function.__name__, shop=named.get("shop_id"), campaign=named.get("campaign_id") or None)


_here = threading.local()


def _run_here(job: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """Runs a job, and after it what it enqueued, one after the other: a campaign to very many is no deeper than one."""
    if hasattr(_here, "waiting"):
        _here.waiting.append((job, args))
        return
    _here.waiting = deque([(job, args)])
    try:
        while _here.waiting:
            job, args = _here.waiting.popleft()
            with about_job(job, args):
                job(*args)
    finally:
        del _here.waiting


def _function(job: Callable[..., Any] | str) -> Callable[..., Any]:
    if not isinstance(job, str):
        return job
    module, _, name = job.rpartition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found
