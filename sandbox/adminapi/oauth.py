"""Tokens: a session token buys an hour's access and ninety days' refresh; each refresh replaces the last."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox import bodies, instants, signing
from sandbox.shop import DOMAIN
from sandbox.state import Json, fact, remember
from sandbox.webhooks import subscriptions
from sandbox.world import World, world_of

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
ACCESS_LIVES = timedelta(hours=1)
REFRESH_LIVES = timedelta(days=90)


async def access_token(request: Request) -> JSONResponse:
    """POST /shops/{shop}/admin/oauth/access_token, as JSON or as a form."""
    world, now = world_of(request), instants.now()
    asked = await bodies.asked(request)
    if request.path_params["shop"] != DOMAIN:
        return _error("This shop is unavailable", 404)
    if (asked.get("client_id"), asked.get("client_secret")) != (world.settings.api_key, world.settings.api_secret):
        return _error("application_cannot_be_found", 400)
    match asked.get("grant_type"):
        case "refresh_token":
            return _refresh(world, str(asked.get("refresh_token", "")), now)
        case str(grant) if grant == EXCHANGE:
            return _exchange(world, asked, now)
        case _:
            return _error("unsupported_grant_type", 400)


def may_enter(world: World, token: str | None, now: datetime) -> bool:
    """Whether `token` opens the Admin API."""
    row = world.db.execute(
        "SELECT 1 FROM tokens WHERE access = ? AND state != 'revoked' AND expires_at > ?", (token, instants.text(now))
    ).fetchone()
    return row is not None


def revoke_all(world: World) -> None:
    """The app was uninstalled: its tokens are dead at once."""
    world.db.execute("UPDATE tokens SET state = 'revoked'")
    remember(world.db, "installed", None)


def _exchange(world: World, asked: Json, now: datetime) -> JSONResponse:
    ours = world.settings
    if asked.get("subject_token_type") != ID_TOKEN or asked.get("requested_token_type") != OFFLINE:
        return _error("invalid_request", 400)
    if str(asked.get("expiring")) != "1":  # demanded of every app made since April 2026
        return _error("invalid_request", 400, "Offline tokens of this app must be expiring.")
    if not signing.reads_id_token(str(asked.get("subject_token", "")), ours.api_key, ours.api_secret):
        return _error("invalid_subject_token", 400)
    world.db.execute("UPDATE tokens SET state = 'old' WHERE state IN ('current', 'previous')")
    if not fact(world.db, "installed"):
        remember(world.db, "installed", {"at": instants.text(now)})
    return _issue(world, now)


def _refresh(world: World, token: str, now: datetime) -> JSONResponse:
    """The token that was replaced last still works until its replacement is used: an answer may get lost."""
    row = world.db.execute(
        "SELECT state FROM tokens WHERE refresh = ? AND state IN ('current', 'previous') AND refresh_until > ?",
        (token, instants.text(now)),
    ).fetchone()
    if row is None:
        return _error("invalid_grant", 400)
    world.db.execute(
        "UPDATE tokens SET state = 'old' WHERE refresh != ? AND state IN ('current', 'previous')", (token,)
    )
    world.db.execute("UPDATE tokens SET state = 'previous' WHERE refresh = ?", (token,))
    return _issue(world, now)


def _issue(world: World, now: datetime) -> JSONResponse:
    access, refresh = f"shpat_{secrets.token_hex(16)}", f"shprt_{secrets.token_hex(16)}"
    until, refresh_until = instants.text(now + ACCESS_LIVES), instants.text(now + REFRESH_LIVES)
    world.db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, 'current')", (access, refresh, until, refresh_until))
    return JSONResponse(
        {
            "access_token": access,
            "scope": ",".join(subscriptions.scopes(world.settings.app_toml)),
            "expires_in": int(ACCESS_LIVES.total_seconds()),
            "refresh_token": refresh,
            "refresh_token_expires_in": int(REFRESH_LIVES.total_seconds()),
        }
    )


def _error(code: str, status: int, description: str | None = None) -> JSONResponse:
    return JSONResponse({"error": code} | ({"error_description": description} if description else {}), status)
