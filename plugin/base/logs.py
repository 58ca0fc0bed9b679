"""What happens, line by line: for people, or as JSON for machines (`BECKON_LOG=json`).

Each line says what it is about by numbers of ours, never by anything of a person: shop, job, campaign, delivery. Edges
say so once (`about`, `concerns`), and every line below them has it.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal

Form = Literal["text", "json"]

_NOTHING: Mapping[str, int | str] = MappingProxyType({})
_about: ContextVar[Mapping[str, int | str]] = ContextVar("about", default=_NOTHING)


@contextmanager
def about(
    *, shop: int | None = None, job: str | None = None, campaign: int | None = None, delivery: int | None = None
) -> Iterator[None]:
    """Lines within are about these, besides what they were about already."""
    before = _about.set(_about.get())
    concerns(shop=shop, job=job, campaign=campaign, delivery=delivery)
    try:
        yield
    finally:
        _about.reset(before)


def concerns(
    *, shop: int | None = None, job: str | None = None, campaign: int | None = None, delivery: int | None = None
) -> None:
    """Lines from here to the end of the surrounding `about` (or of the request) are about these, too."""
    told = {"shop": shop, "job": job, "campaign": campaign, "delivery": delivery}
    _about.set({**_about.get(), **{name: value for name, value in told.items() if value is not None}})


def forget() -> None:
    """A request is over: the next one of this thread begins with nothing."""
    _about.set(_NOTHING)


def fields() -> Mapping[str, int | str]:
    """What lines are about now."""
    return _about.get()


class Text(logging.Formatter):
    """`2026-11-18 12:00:00,000 WARNING plugin.jobs: … [shop=1 job=send_batch campaign=3]`"""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        what = " ".join(f"{name}={value}" for name, value in fields().items())
        return super().formatMessage(record) + (f" [{what}]" if what else "")


class Json(logging.Formatter):
    """One object a line: at, level, logger, message, what it is about, and a traceback under `error`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(form: Form) -> None:
    """Makes this process write its lines to standard error. What gunicorn says goes the same way."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    gunicorn = logging.getLogger("gunicorn.error")
    if gunicorn.handlers:
        gunicorn.handlers, gunicorn.propagate = [], True
