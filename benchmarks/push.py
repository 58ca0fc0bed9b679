"""What a push costs the sender's CPU, beside pywebpush and beside OpenSSL's floor, all in one run.

`python -m benchmarks.push [--messages N] [--repetitions R] [--json FILE]`

Every variant sends its messages again and again, in turns, and the medians are compared: the figures move with the
machine, their ratios much less. CPU is user + system of this process (getrusage); walls say little on a shared machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import os
import resource
import secrets
import shutil
import statistics
import subprocess
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pywebpush
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rich.console import Console
from rich.table import Table

from benchmarks import push_sinks
from benchmarks.push_sinks import Sink
from benchmarks.worker_path import worker_path
from plugin.base import settings
from plugin.base.clock import now
from plugin.delivery.encrypt import encrypt_all
from plugin.delivery.outcome import Said
from plugin.delivery.push import Push, send_all
from plugin.delivery.vapid import VapidKey

PAYLOAD = json.dumps({"web_push": 8030, "notification": {"title": "Winter is here", "body": "x" * 230}}).encode()[:300]
BATCH = 500
FLOOR = "floor: the same in C over OpenSSL"
PLAIN = "pywebpush.webpush(), as its README"


@dataclass
class Row:
    """One variant; `run` gives its CPU microseconds a message, and raises when a message failed."""

    name: str
    run: Callable[[], float]
    costs: list[float] = field(default_factory=list)

    @property
    def cost(self) -> float:
        return statistics.median(self.costs)


def main() -> None:
    options = argparse.ArgumentParser(description="What a push costs the sender's CPU.")
    options.add_argument("--messages", type=int, default=2_000)
    options.add_argument("--repetitions", type=int, default=5)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="beckon-bench-")))
        either = stack.enter_context(push_sinks.either(home))
        fast = stack.enter_context(push_sinks.fast(home))
        rows = variants(home, either, fast, chosen.messages)
        floor = c_floor(home, chosen.messages)
        for _ in range(chosen.repetitions):
            for row in [*rows, *([floor] if floor else [])]:
                row.costs.append(row.run())
    show(rows, floor)
    if chosen.json:
        costs = {row.name: row.cost for row in [*rows, *([floor] if floor else [])]}
        chosen.json.write_text(json.dumps({"microseconds": costs, "messages": chosen.messages}, indent=2) + "\n")


def variants(home: Path, either: Sink, fast: Sink | None, messages: int) -> list[Row]:
    few = max(20, messages // 20)  # what costs twenty times as much is measured on fewer
    sinks = [sink for sink in (fast, either) if sink]
    pushes = {sink.name: [make_push(sink) for _ in range(messages)] for sink in sinks}
    mine = pushes[either.name]
    infos = [subscription_info(push) for push in mine]
    best = fast or either
    worker = worker_path(make_settings(home, best), messages)
    return [
        *(
            measured(f"send_all, {to.name}", messages, functools.partial(ours, home, to, pushes[to.name]))
            for to in sinks
        ),
        measured(f"whole worker path on SQLite, {best.name}", messages, worker),
        measured(f"{PLAIN}, {either.name}", few, lambda: theirs(either, infos[:few], None)),
        measured(f"pywebpush, one session, {either.name}", few, lambda: with_session(either, infos[:few])),
        measured("encryption: encrypt_all", messages, lambda: ours_encrypted(mine)),
        measured("encryption: pywebpush", messages, lambda: theirs_encrypted(infos)),
    ]


def measured(name: str, messages: int, send: Callable[[], None]) -> Row:
    def run() -> float:
        before = cpu()
        send()
        return (cpu() - before) * 1e6 / messages

    return Row(name, run)


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ours(home: Path, sink: Sink, pushes: list[Push]) -> None:
    settings.use(make_settings(home, sink))
    for first in range(0, len(pushes), BATCH):
        for answer in send_all(pushes[first : first + BATCH], now()):
            if answer.said is not Said.SENT:
                raise RuntimeError(answer.reason)


def theirs(sink: Sink, infos: list[dict[str, object]], session: requests.Session | None) -> None:
    os.environ["REQUESTS_CA_BUNDLE"] = str(sink.ca)  # noqa: TID251  its only way to trust a private authority
    for info in infos:
        answer = pywebpush.webpush(
            subscription_info=info,
            data=PAYLOAD.decode(),
            vapid_private_key=b64(SHOP.private),
            vapid_claims={"sub": "mailto:push@example.com"},
            ttl=86_400,
            requests_session=session,
        )
        if answer.status_code != 201:
            raise RuntimeError(answer.text)


def with_session(sink: Sink, infos: list[dict[str, object]]) -> None:
    with requests.Session() as session:
        theirs(sink, infos, session)


def ours_encrypted(pushes: list[Push]) -> None:
    for first in range(0, len(pushes), BATCH):
        encrypt_all((push.p256dh, push.auth, push.payload) for push in pushes[first : first + BATCH])


def theirs_encrypted(infos: list[dict[str, object]]) -> None:
    for info in infos:
        pywebpush.WebPusher(info).encode(PAYLOAD, "aes128gcm")


def c_floor(home: Path, messages: int) -> Row | None:
    """None where there is no C compiler, or OpenSSL's headers are missing."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    source, program = Path(__file__).with_name("push_floor.c"), home / "push_floor"
    built = subprocess.run([compiler, "-O2", source, "-lcrypto", "-o", program], capture_output=True, check=False)
    if built.returncode:
        return None
    return Row(FLOOR, lambda: float(subprocess.run([program, str(messages)], capture_output=True, check=True).stdout))


def show(rows: list[Row], floor: Row | None) -> None:
    plain = next(row.cost for row in rows if row.name.startswith(PLAIN))
    table = Table(title=f"CPU of the sender, medians, {len(PAYLOAD)} bytes a message")
    table.add_column("")
    for heading in ("µs a message", "spread", "a CPU second", "× OpenSSL floor", "plain pywebpush costs"):
        table.add_column(heading, justify="right")
    for row in [*rows, *([floor] if floor else [])]:
        table.add_row(
            row.name,
            f"{row.cost:,.0f}",
            f"{min(row.costs):,.0f}–{max(row.costs):,.0f}",
            f"{1e6 / row.cost:,.0f}",
            f"{row.cost / floor.cost:.2f}" if floor else "no C compiler",
            f"{plain / row.cost:.1f} ×",
        )
    Console(width=140).print(table)


@functools.cache
def make_settings(home: Path, sink: Sink) -> settings.Settings:
    """The same object each time: connections live as long as the settings do."""
    fresh = settings.from_environment({"BECKON_HOME": str(home)})
    return dataclasses.replace(fresh, push_origins=(sink.origin,), push_ca=sink.ca)


def make_push(sink: Sink) -> Push:
    """A message for a browser of its own; endpoints are as long as Chrome's."""
    _, point = key_pair()
    return Push(
        delivery_id=1,
        endpoint=f"{sink.origin}/push?{secrets.token_urlsafe(120)}",
        p256dh=point,
        auth=os.urandom(16),
        payload=PAYLOAD,
        topic=secrets.token_urlsafe(16),
        ttl=86_400,
        urgency="normal",
        vapid=SHOP,
    )


def key_pair() -> tuple[bytes, bytes]:
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return private.private_numbers().private_value.to_bytes(32, "big"), point


SHOP = VapidKey(*key_pair())


def subscription_info(push: Push) -> dict[str, object]:
    return {"endpoint": push.endpoint, "keys": {"p256dh": b64(push.p256dh), "auth": b64(push.auth)}}


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
