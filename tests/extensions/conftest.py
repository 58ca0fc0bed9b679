"""Shopify's own tools from npm, without a login and without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
OFFLINE = ("node", "--require", str(HERE / "offline.cjs"))
CLIENT_ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what `shopify app deploy` reads, linked to an app."""
    copy = tmp_path / "beckon"
    shutil.copytree(ROOT / "extensions", copy / "extensions", ignore=shutil.ignore_patterns("dist", "node_modules"))
    shutil.copy(ROOT / "package.json", copy)
    toml = (ROOT / "shopify.app.toml").read_text()
    (copy / "shopify.app.toml").write_text(toml.replace('client_id = ""', f'client_id = "{CLIENT_ID}"'))
    return copy


@pytest.fixture
def validated(project: Path, tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """What `shopify app config validate --json` says of the project."""

    def run() -> dict[str, Any]:
        home = tmp_path / "home"
        home.mkdir(exist_ok=True)
        surroundings = {
            "PATH": os.environ["PATH"],  # noqa: TID251  node is somewhere
            "HOME": str(home),
            "CI": "1",
            "SHOPIFY_CLI_NO_ANALYTICS": "1",
            "SHOPIFY_APP_AUTOMATION_TOKEN": "nobody's",
        }
        command = [
            *(*OFFLINE, "--require", str(HERE / "shopifys_side.cjs")),
            str(ROOT / "node_modules/@shopify/cli/bin/run.js"),
            *("app", "config", "validate", "--json", "--path", str(project)),
        ]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=120, check=False)
        try:
            told: dict[str, Any] = json.loads(done.stdout)
        except json.JSONDecodeError:
            pytest.fail(
                f"The command line said no JSON (run `make setup`?):\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        return told

    return run
