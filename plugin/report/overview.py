"""What `beckon status` tells, and its words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from plugin.delivery.again import Undelivered

from .backlog import Backlog, Waiting
from .progress import Running


@dataclass(frozen=True, slots=True)
class Failure:
    """Things that failed alike."""

    what: str
    why: str
    count: int


@dataclass(frozen=True, slots=True)
class History:
    """How far one shop's import is."""

    shop: str
    kind: str
    state: str
    objects: int
    total: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Check:
    """A shop's last comparison with Shopify; `finished_at` None while it is under way."""

    shop: str
    finished_at: datetime | None
    looked_at: int
    repaired: int
    error: str | None


@dataclass(frozen=True, slots=True)
class MembersCheck:
    """The last night's check of who is in a shop's segments; `finished_at` None while it is under way. `disputed`:
    people whom SQL and the judge read differently."""

    shop: str
    finished_at: datetime | None
    segments: int
    repaired: int
    disputed: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that `beckon status` tells, read from rows alone."""

    at: datetime
    shops: int
    webhooks: dict[str, int]
    last_webhook_at: datetime | None
    last_webhook_lag: timedelta | None
    """From Shopify's trigger to our application of it."""
    failed_webhooks: tuple[Failure, ...]
    history: tuple[History, ...]
    checks: tuple[Check, ...]
    members_checks: tuple[MembersCheck, ...]
    campaigns: dict[str, int]
    held_campaigns: tuple[Failure, ...]
    running: tuple[Running, ...]
    """Campaigns that are being sent or are paused, and how far they are."""
    enrollments: dict[str, int]
    deliveries: dict[str, int]
    waiting: Backlog
    undelivered: tuple[Undelivered, ...]
    """What push services refused, what could not be written, what came too late, within 30 days."""
    services: tuple[tuple[str, str], ...]
    """(push service, how it stands), of those that are slow or away."""
    clock_seen: bool
    stuck: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same, for machines; spans of time as text."""
        return asdict(self)

    def lines(self) -> list[tuple[str, str]]:
        """(what, how it stands), for a table."""
        last = f"{self.last_webhook_at:%Y-%m-%d %H:%M:%S} UTC" if self.last_webhook_at else "none yet"
        lag = f", applied {span(self.last_webhook_lag)} after it was triggered" if self.last_webhook_lag else ""
        return [
            ("shops", str(self.shops)),
            ("clock", "running" if self.clock_seen else "not seen"),
            ("webhooks", _counts(self.webhooks)),
            ("last webhook", last + lag),
            *((f"failed webhooks {each.what}", f"{each.count}: {each.why}") for each in self.failed_webhooks),
            *((f"history {each.shop} {each.kind}", _progress(each)) for each in self.history),
            *((f"last check {each.shop}", _checked(each)) for each in self.checks),
            *((f"members checked {each.shop}", _members_checked(each)) for each in self.members_checks),
            ("campaigns", _counts(self.campaigns)),
            *((f"campaign {each.what}", each.why) for each in self.held_campaigns),
            *(line for each in self.running for line in _of_running(each, self.at)),
            ("reminders", _counts(self.enrollments)),
            ("deliveries", _counts(self.deliveries)),
            *((f"not delivered: {each.outcome}", _of_undelivered(each)) for each in self.undelivered),
            *((f"push service {host}", told) for host, told in self.services),
            ("oldest webhook that waits", _since(self.waiting.webhooks)),
            ("oldest reminder that waits", _since(self.waiting.reminders)),
            ("oldest person to judge", _since(self.waiting.memberships)),
            ("oldest delivery that waits", _since(self.waiting.deliveries)),
        ]


def _of_undelivered(each: Undelivered) -> str:
    mended = f" {each.again:,} can be tried again (Reports, Not delivered)." if each.again else ""
    return f"{each.people:,} of {each.name or 'automations'}: {each.reason or 'no reason was kept'}{mended}"


def _of_running(one: Running, now: datetime) -> list[tuple[str, str]]:
    services = one.progress.services.items()
    return [
        (f"sending {one.shop} {one.name}", one.words(now)),
        *((f"  {service}", _counts(dict(answers))) for service, answers in services),
    ]


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {state}" for state, count in counts.items()) or "none"


def _checked(check: Check) -> str:
    if check.finished_at is None:
        return "under way"
    why = f": {check.error}" if check.error else ""
    return f"{check.finished_at:%Y-%m-%d %H:%M} UTC, {check.looked_at:,} looked at, {check.repaired:,} repaired{why}"


def _members_checked(check: MembersCheck) -> str:
    if check.finished_at is None:
        return "under way"
    disputed = f", {check.disputed:,} in dispute: see the log" if check.disputed else ""
    when = f"{check.finished_at:%Y-%m-%d %H:%M} UTC"
    return f"{when}, {check.segments:,} segments, {check.repaired:,} people repaired{disputed}"


def _progress(history: History) -> str:
    of_total = f" of {history.total:,}" if history.total else ""
    why = f": {history.error}" if history.error else ""
    return f"{history.state}, {history.objects:,}{of_total}{why}"


def _since(waiting: Waiting) -> str:
    return f"{span(waiting.oldest)} ({waiting.count:,} in all)" if waiting.oldest is not None else "none"


def span(length: timedelta) -> str:
    """In the largest unit of which there are two: "3 hours"."""
    seconds = length.total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} seconds"
