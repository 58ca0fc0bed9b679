"""What a push costs the sender's CPU, beside others and beside OpenSSL's floor: one run, one sink.

`python -m benchmarks.push [--messages N] [--repetitions R] [--json FILE]`

Every variant sends its messages again and again, in turns, and the medians are compared: the figures move with the
machine, their ratios much less. CPU is user + system of the sending process; walls say little on a shared machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import resource
import secrets
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

import pywebpush
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rich.console import Console
from rich.table import Table

from benchmarks import push_others, push_sink
from benchmarks.push_sink import AFTER_A_WHILE, AT_ONCE, Sink
from benchmarks.worker_path import Campaigns
from plugin.base import settings
from plugin.base.clock import now
from plugin.delivery import agree
from plugin.delivery.encrypt import encrypt_all
from plugin.delivery.outcome import Said
from plugin.delivery.push import Push, send_all
from plugin.delivery.vapid import VapidKey
from plugin.store import engine
from tests import servers

PAYLOAD = json.dumps({"web_push": 8030, "notification": {"title": "Winter is here", "body": "x" * 230}}).encode()[:300]
BATCH = 500
FLOOR = "floor: keys, ECDH, HKDF, AES-GCM in C"
PLAIN = "pywebpush, as its README"
DELAYED = ", answers after 40–120 ms"
ENGINES = {"one at a time": False, "eight at a time": True}
TRANSPORTS: dict[str, Literal["own", "pycurl"]] = {"our HTTP/2": "own", "libcurl": "pycurl"}
TO_REACH = {
    ("one at a time", "own"): (1.55, 3.0),
    ("one at a time", "pycurl"): (2.0, 3.0),
    ("eight at a time", "own"): (0.55, 2.0),
    ("eight at a time", "pycurl"): (0.75, 2.0),
}
"""How many times the floor: a whole send, the whole worker path."""


@dataclass
class Row:
    """One variant; `run` gives its CPU microseconds a message, and raises when a message failed."""

    name: str
    run: Callable[[], float]
    most: float | None = None
    """How many times the floor it may cost at most."""
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
        sink = stack.enter_context(push_sink.running(home))
        database = stack.enter_context(servers.postgres())
        stack.callback(engine.close_store)
        floor = c_floor(home, chosen.messages)
        rows = [*([floor] if floor else []), *variants(home, sink, database, chosen.messages)]
        for _ in range(chosen.repetitions):
            for row in rows:
                row.costs.append(row.run())
    show(floor, rows)
    if chosen.json:
        costs = {row.name: row.cost for row in rows}
        chosen.json.write_text(json.dumps({"microseconds": costs, "messages": chosen.messages}, indent=2) + "\n")


def variants(home: Path, sink: Sink, database: str, messages: int) -> list[Row]:
    quick = [make_push(sink, AT_ONCE) for _ in range(messages)]
    slow = [make_push(sink, AFTER_A_WHILE) for _ in range(messages)]
    rows = [Row("encrypted by pywebpush", measured(messages, lambda: theirs_encrypted(quick)))]
    able = [name for name in ENGINES if works(name)]  # before the settings of one of them hold
    for name in able:
        mine = make_settings(home, sink, name)
        rows.append(Row(f"encrypted {name}", measured(messages, partial(ours_encrypted, mine, quick))))
        for transport, http2 in TRANSPORTS.items():
            sending = dataclasses.replace(mine, http2=http2)
            warm = partial(ours, sending, quick[:BATCH])
            whole, path = TO_REACH[name, http2]
            how = f"{name}, {transport}"
            worker = Campaigns(sending, database, messages)
            connected = partial(ours, worker.settings, quick[:BATCH])
            rows += [
                Row(f"whole send, {how}", measured(messages, partial(ours, sending, quick), warm), whole),
                Row(f"whole send, {how}{DELAYED}", measured(messages, partial(ours, sending, slow), warm)),
                Row(f"worker path on PostgreSQL, {how}", measured(messages, worker.send_one, connected), path),
            ]
    for delay, pushes in (("", quick), (DELAYED, slow)):
        rows += [Row(f"{name}{delay}", run) for name, run in others(home, sink, pushes)]
    return rows


def others(home: Path, sink: Sink, pushes: Sequence[Push]) -> list[tuple[str, Callable[[], float]]]:
    few = pushes[: max(20, len(pushes) // 40)]  # one connection each: what costs forty times as much goes to fewer
    return [
        (PLAIN, measured(len(few), lambda: push_others.plain(sink, few))),
        ("pywebpush with aiohttp", measured(len(pushes), lambda: push_others.asynchronous(sink, pushes))),
        ("node web-push", lambda: push_others.node(home, sink, pushes)),
    ]


def measured(messages: int, send: Callable[[], None], warm: Callable[[], None] = lambda: None) -> Callable[[], float]:
    """`warm` is not counted: a worker is connected long before, and stays so."""

    def run() -> float:
        warm()
        before = cpu()
        send()
        return (cpu() - before) * 1e6 / messages

    return run


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def works(name: str) -> bool:
    """Whether this machine has the engine."""
    return not ENGINES[name] or agree.engine().words.startswith("eight")


def ours(mine: settings.Settings, pushes: list[Push]) -> None:
    settings.use(mine)
    for first in range(0, len(pushes), BATCH):
        for answer in send_all(pushes[first : first + BATCH], now()):
            if answer.said is not Said.SENT:
                raise RuntimeError(answer.reason)


def ours_encrypted(mine: settings.Settings, pushes: list[Push]) -> None:
    settings.use(mine)
    for first in range(0, len(pushes), BATCH):
        encrypt_all((push.p256dh, push.auth, push.payload) for push in pushes[first : first + BATCH])


def theirs_encrypted(pushes: list[Push]) -> None:
    for push in pushes:
        pywebpush.WebPusher(push_others.subscription(push)).encode(push.payload, "aes128gcm")


def c_floor(home: Path, messages: int) -> Row | None:
    """None where there is no C compiler, or OpenSSL's headers are missing (Debian: gcc, libssl-dev)."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    source, program = Path(__file__).with_name("push_floor.c"), home / "push_floor"
    built = subprocess.run([compiler, "-O2", source, "-lcrypto", "-o", program], capture_output=True, check=False)
    if built.returncode:
        return None
    return Row(FLOOR, lambda: float(subprocess.run([program, str(messages)], capture_output=True, check=True).stdout))


def show(floor: Row | None, rows: list[Row]) -> None:
    plain = next(row.cost for row in rows if row.name == PLAIN)
    table = Table(title=f"CPU of the sender, medians, {len(PAYLOAD)} bytes a message")
    table.add_column("")
    for heading in ("µs a message", "spread", "× floor", "to reach", "plain pywebpush costs"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.name,
            f"{row.cost:,.0f}",
            f"{min(row.costs):,.0f}–{max(row.costs):,.0f}",
            f"{row.cost / floor.cost:.2f}" if floor else "no C compiler",
            f"{row.most:.2f}" if row.most else "",
            f"{plain / row.cost:.1f} ×",
        )
    Console(width=140).print(table)


def make_settings(home: Path, sink: Sink, name: str) -> settings.Settings:
    fresh = settings.from_environment({"BECKON_HOME": str(home)})
    return dataclasses.replace(fresh, push_origins=(sink.origin,), push_ca=sink.ca, crypto_mb=ENGINES[name])


def make_push(sink: Sink, pace: str) -> Push:
    """A message for a browser of its own; endpoints are as long as Chrome's."""
    _, point = key_pair()
    return Push(
        delivery_id=1,
        endpoint=f"{sink.origin}/{pace}/{secrets.token_urlsafe(120)}",
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


if __name__ == "__main__":
    main()
