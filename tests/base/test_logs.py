"""Each line says what it is about by numbers, for people or for machines."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from app import main
from plugin.base import logs


def record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("plugin.jobs", logging.WARNING, __file__, 1, message, args, None)


def test_a_line_for_machines() -> None:
    with logs.about(job="send_batch", shop=1), logs.about(campaign=7, delivery=99):
        line = json.loads(logs.Json().format(record("it %s", "broke")))
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "warning",
        "logger": "plugin.jobs",
        "message": "it broke",
        "job": "send_batch",
        "shop": 1,
        "campaign": 7,
        "delivery": 99,
    }


def test_a_line_for_people() -> None:
    with logs.about(shop=1, campaign=None):
        line = logs.Text().format(record("it broke"))
    assert line.endswith("WARNING plugin.jobs: it broke [shop=1]")
    assert "[" not in logs.Text().format(record("it broke"))


def test_what_it_is_about_ends_with_the_block_and_stays_in_its_thread() -> None:
    seen: list[object] = []
    with logs.about(shop=1):
        logs.concerns(campaign=2)
        other = threading.Thread(target=lambda: seen.append(dict(logs.fields())))
        other.start()
        other.join()
        assert logs.fields() == {"shop": 1, "campaign": 2}
    assert (dict(logs.fields()), seen) == ({}, [{}])


def test_a_request_that_is_over_is_forgotten() -> None:
    with logs.about(shop=1):
        logs.forget()
        assert logs.fields() == {}


def test_a_process_writes_them_as_it_is_told() -> None:
    code = (
        "import logging; from plugin.base import logs; logs.configure('json');"
        "logs.concerns(shop=3); logging.getLogger('x').info('hello')"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr
    assert json.loads(told) | {"at": ""} == {"at": "", "level": "info", "logger": "x", "message": "hello", "shop": 3}


def test_another_form_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BECKON_LOG", "xml")
    ended = CliRunner().invoke(main, ["status"])
    assert (ended.exit_code, ended.stderr) == (2, "Error: BECKON_LOG is 'xml'; it is text or json.\n")
