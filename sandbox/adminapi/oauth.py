"""Tokens: a session token buys an hour's access and ninety days' refresh; each refresh replaces the last."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse

from sandbox import bodies, instants, signing
from sandbox import secrets as app_secrets
from sandbox.frame import session
from sandbox.shop import DOMAIN
from sandbox.state import Json, fact, remember
from sandbox.world import World, world_of

from . import scopes

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
    if asked.get("client_id") != world.settings.api_key:
        return _error("application_cannot_be_found", 400)
    if asked.get("client_secret") not in app_secrets.accepted(world):
        return _error("invalid_client", 400)
    match asked.get("grant_type"):
        case "refresh_token":
            return _refresh(world, str(asked.get("refresh_token", "")), now)
        case str(grant) if grant == EXCHANGE:
            return _exchange(world, asked, now)
        case _:
            return _error("unsupported_grant_type", 400)


def may_enter(world: World, token: str | None, now: datetime) -> bool:
    """Whether `token` opens the Admin API: until its own end, even after its replacement. Whoever uses the newest has
    it for certain, and the refresh token before it is worth nothing from then on."""
    row = world.db.execute(
        "SELECT state FROM tokens WHERE access = ? AND state != 'revoked' AND expires_at > ?",
        (token, instants.text(now)),
    ).fetchone()
    if row is not None and row["state"] == "current":
        world.db.execute("UPDATE tokens SET state = 'old' WHERE state = 'previous'")
    return row is not None


def end(world: World, *, refresh_too: bool) -> None:
    """Every access token runs out at once, as after an hour; refresh tokens too, as after ninety days."""
    world.db.execute("UPDATE tokens SET expires_at = ?", (instants.text(instants.now()),))
    if refresh_too:
        world.db.execute("UPDATE tokens SET refresh_until = expires_at")


def revoke_all(world: World) -> None:
    """The app was uninstalled: its tokens are dead at once."""
    world.db.execute("UPDATE tokens SET state = 'revoked'")
    remember(world.db, "installed", None)
    session.remove(world)


def _exchange(world: World, asked: Json, now: datetime) -> JSONResponse:
    if asked.get("subject_token_type") != ID_TOKEN or asked.get("requested_token_type") != OFFLINE:
        return _error("invalid_request", 400)
    if str(asked.get("expiring")) != "1":  # demanded of every app made since April 2026
        return _error("invalid_request", 400, "Offline tokens of this app must be expiring.")
    shown, secrets_known = str(asked.get("subject_token", "")), app_secrets.accepted(world)
    if session.was_removed(world) or not any(
        signing.reads_id_token(shown, world.settings.api_key, each) for each in secrets_known
    ):
        return _error("invalid_subject_token", 400)
    world.db.execute("UPDATE tokens SET state = 'old' WHERE state IN ('current', 'previous')")
    if not fact(world.db, "installed"):
        remember(world.db, "installed", {"at": instants.text(now)})
    return _issue(world, now)


def _refresh(world: World, token: str, now: datetime) -> JSONResponse:
    """The token that was replaced last still works until its replacement is used: an answer may get lost."""
    row = world.db.execute(
        "SELECT access FROM tokens WHERE refresh = ? AND state IN ('current', 'previous') AND refresh_until > ?",
        (token, instants.text(now)),
    ).fetchone()
    if row is None:
        return _error("invalid_grant", 400)
    world.db.execute(
        "UPDATE tokens SET state = 'old' WHERE refresh != ? AND state IN ('current', 'previous')", (token,)
    )
    world.db.execute("UPDATE tokens SET state = 'previous' WHERE refresh = ?", (token,))
    return _issue(world, now, since=row["access"])


def _issue(world: World, now: datetime, since: str | None = None) -> JSONResponse:
    access, refresh = f"shpat_{secrets.token_hex(16)}", f"shprt_{secrets.token_hex(16)}"
    until, refresh_until = instants.text(now + ACCESS_LIVES), instants.text(now + REFRESH_LIVES)
    world.db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, 'current')", (access, refresh, until, refresh_until))
    return JSONResponse(
        {
            "access_token": access,
            "scope": ",".join(scopes.grant(world, access, since)),
            "expires_in": int(ACCESS_LIVES.total_seconds()),
            "refresh_token": refresh,
            "refresh_token_expires_in": int(REFRESH_LIVES.total_seconds()),
        }
    )


def _error(code: str, status: int, description: str | None = None) -> JSONResponse:
    return JSONResponse({"error": code} | ({"error_description": description} if description else {}), status)
