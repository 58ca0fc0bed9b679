"""The app's client secret, and its rotation: for a while the former one is accepted too, and still signs."""

from __future__ import annotations

from sandbox.state import Json, fact, remember
from sandbox.world import World


def accepted(world: World) -> tuple[str, ...]:
    """With which the app may ask for tokens."""
    known = _known(world)
    return tuple(filter(None, (known["secret"], known["old"])))


def signing(world: World) -> str:
    """With which session tokens, webhooks and proxy requests are signed now."""
    known = _known(world)
    return str(known["old"] if known["old"] and known["sign_with"] == "old" else known["secret"])


def rotate(world: World, secret: str) -> Json:
    """A new secret; the former one signs on until somebody says otherwise."""
    return _keep(world, {"secret": secret, "old": signing(world), "sign_with": "old"})


def sign_with(world: World, which: str) -> Json:
    """`old` or `new`."""
    return _keep(world, _known(world) | {"sign_with": which})


def revoke_old(world: World) -> Json:
    """The former secret is worth nothing any more."""
    return _keep(world, _known(world) | {"old": None, "sign_with": "new"})


def _known(world: World) -> Json:
    return fact(world.db, "client_secret") or {"secret": world.settings.api_secret, "old": None, "sign_with": "new"}


def _keep(world: World, known: Json) -> Json:
    remember(world.db, "client_secret", known)
    return {"old_is_accepted": bool(known["old"]), "sign_with": known["sign_with"]}
