"""Settings are read once, refuse what cannot be used, and each has its line in the documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plugin.base.errors import BeckonError
from plugin.base.settings import from_environment

ROOT = Path(__file__).parents[2]


def test_every_setting_has_its_line_in_the_documents() -> None:
    source = (ROOT / "plugin/base/settings.py").read_text()
    read = set(re.findall(r'"((?:BECKON|SHOPIFY|DATABASE|REDIS)_[A-Z_]+)"', source))
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.MULTILINE))
    assert read == documented


def test_the_database_is_a_file_below_home_by_default(tmp_path: Path) -> None:
    assert from_environment({"BECKON_HOME": str(tmp_path)}).database_url == f"sqlite:///{tmp_path}/beckon.sqlite3"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_is_understood(tmp_path: Path, scheme: str) -> None:
    settings = from_environment({"BECKON_HOME": str(tmp_path), "DATABASE_URL": f"{scheme}://ann@db/beckon"})
    assert settings.database_url == "postgresql+psycopg://ann@db/beckon"


def test_the_installations_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = from_environment({"BECKON_HOME": str(tmp_path)}).secret
    assert from_environment({"BECKON_HOME": str(tmp_path)}).secret == first
    assert len(first) >= 32
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x"),
        ("BECKON_LEASE_SECONDS", "soon"),
        ("BECKON_UNDO_SECONDS", "0"),
        ("BECKON_PUSH_CONNECT_TO", "a:1"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BeckonError, match=name):
        from_environment({"BECKON_HOME": str(tmp_path), name: value})
