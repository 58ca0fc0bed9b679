"""docs/events.md is true: its curl commands are run against a server, and say what the page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from werkzeug.serving import make_server

from plugin.api.routes import blueprint
from plugin.commands.events import events
from plugin.profile.identity import person_of
from plugin.segment.compile import compile_segment
from plugin.store.engine import transaction
from tests.conftest import NOON

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
COMMANDS = re.findall(r"```sh\n(curl .*?)\n```\n\n```json\n(.*?)\n```", PAGE, re.DOTALL)


@pytest.fixture
def address(at_noon: datetime) -> Iterator[str]:
    app = Flask(__name__)
    app.register_blueprint(blueprint)
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


def test_every_command_answers_what_the_page_says(shop: int, key: str, address: str) -> None:
    with transaction() as tx:
        person_of(tx, shop, visitor="ann-visitor-0000000000000001", customer_id=None, now=NOON)
    assert len(COMMANDS) == 2
    for command, answer in COMMANDS:
        around = {"PATH": os.environ["PATH"], "BECKON_URL": address, "BECKON_KEY": key}  # noqa: TID251
        done = subprocess.run(
            ["bash", "-c", f"{command} --silent"], env=around, capture_output=True, text=True, timeout=30, check=True
        )
        assert json.loads(done.stdout) == json.loads(answer)


def test_its_segment_reads() -> None:
    for query in re.findall(r"```segment\n(.*?)\n```", PAGE, re.DOTALL):
        compile_segment(query, now=NOON, timezone="Europe/London")


def test_a_file_is_told_by_the_same_rules_and_may_be_repeated(shop: int, at_noon: datetime, tmp_path: Path) -> None:
    file = tmp_path / "points.csv"
    file.write_text(
        "event_id,name,customer_id,value,text,at\n"
        "p-1,loyalty_points,77,120,,2026-11-17T10:00:00Z\n"
        'p-2,survey,78,,"happy, very",\n'
        "p-3,loyalty_points,79,a lot,,\n",
        encoding="utf-8-sig",
    )
    told = ["import", str(file), "--shop", "vanta.myshopify.com"]
    first, again = (CliRunner().invoke(events, told) for _ in range(2))
    assert (first.exit_code, first.stdout) == (1, "2 kept, 0 known, 1 refused\n")
    assert first.stderr == 'line 4: "value" is not a number.\n'
    assert again.stdout == "0 kept, 2 known, 1 refused\n"
