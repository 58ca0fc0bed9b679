"""Your own app's configuration is ours with your client id and address, and an update never meets changes of yours."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import main
from plugin.commands import app_config
from plugin.commands.app_config import ROOT, adapted

OURS = (ROOT / "shopify.app.toml").read_text()
MINE = "f0e1d2c3b4a5968778695a4b3c2d1e0f"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shopify.app.toml").write_text(OURS)
    monkeypatch.setattr(app_config, "ROOT", tmp_path)
    return tmp_path


def write(*more: str, client_id: str | None = MINE, url: str = "https://push.vanta.test/") -> tuple[int, str]:
    who = ["--client-id", client_id] if client_id else []
    ended = CliRunner().invoke(main, ["app-config", "--url", url, *who, *more])
    return ended.exit_code, ended.output


def test_everything_is_ours_but_who_and_where(folder: Path) -> None:
    status, said = write()
    assert (status, said) == (
        0,
        "shopify.app.production.toml is written. Next: shopify app deploy --config production\n",
    )
    mine = tomllib.loads((folder / "shopify.app.production.toml").read_text())
    ours = tomllib.loads(OURS)
    assert (mine["client_id"], mine["application_url"]) == (MINE, "https://push.vanta.test")
    assert mine["auth"]["redirect_urls"] == ["https://push.vanta.test/"]
    for key in ("client_id", "application_url", "auth"):
        del mine[key], ours[key]
    assert mine == ours
    assert "beckon.example.com" not in (folder / "shopify.app.production.toml").read_text()


def test_written_anew_after_an_update(folder: Path) -> None:
    assert write("--name", "staging")[0] == 0
    told = write("--name", "staging", "--app-name", "Beckon (staging)", "--handle", "beckon-staging", client_id=None)
    assert told[0] == 0
    mine = tomllib.loads((folder / "shopify.app.staging.toml").read_text())
    assert (mine["name"], mine["client_id"]) == ("Beckon (staging)", MINE)


def test_what_shopifys_command_line_wrote_tells_the_client_id_and_is_kept(folder: Path) -> None:
    linked = f'client_id = "{MINE}"\napplication_url = "https://example.com"\n'
    (folder / "shopify.app.production.toml").write_text(linked)
    status, said = write(client_id=None)
    assert status == 0
    assert "kept in shopify.app.production.toml.before" in said
    assert (folder / "shopify.app.production.toml.before").read_text() == linked
    assert tomllib.loads((folder / "shopify.app.production.toml").read_text())["client_id"] == MINE


def test_without_an_app_it_says_how_to_make_one(folder: Path) -> None:
    status, said = write(client_id=None)
    assert status == 2
    assert "shopify app config link --config production" in said


def test_old_orders_can_be_left_out_until_shopify_grants_them(folder: Path) -> None:
    assert write("--without-old-orders")[0] == 0
    scopes = tomllib.loads((folder / "shopify.app.production.toml").read_text())["access_scopes"]["scopes"].split(",")
    ours = tomllib.loads(OURS)["access_scopes"]["scopes"].split(",")
    assert scopes == [scope for scope in ours if scope != "read_all_orders"] != ours


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"url": "http://push.vanta.test"}, "--url is 'http://push.vanta.test'; Shopify takes an https address"),
        ({"url": "https://push.vanta.test/panel"}, "without a path"),
        ({"client_id": 'x" evil = "1'}, "--client-id is"),
    ],
)
def test_what_shopify_would_not_take_is_said_before_a_deploy(folder: Path, more: dict[str, str], sentence: str) -> None:
    status, said = write(**more)
    assert status == 2
    assert sentence in said
    assert [file.name for file in folder.glob("*.toml*")] == ["shopify.app.toml"]


def test_git_does_not_see_it() -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", "shopify.app.production.toml"], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_the_application_url_stands_nowhere_else() -> None:
    assert (
        adapted(OURS, MINE, "https://a.test").count("https://a.test") == OURS.count("https://beckon.example.com") >= 2
    )
