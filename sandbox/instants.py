"""Instants as the sandbox keeps and writes them: UTC, ISO 8601 with a Z, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the sandbox is a world of its own, with its own clock


def text(instant: datetime) -> str:
    """`2026-11-20T12:50:00Z`."""
    return instant.astimezone(UTC).strftime(FORMAT)


def exact(instant: datetime) -> str:
    """With milliseconds, for things that follow each other within a second."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03}Z"


def parse(written: str) -> datetime:
    return datetime.fromisoformat(written)
