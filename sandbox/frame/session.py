"""The admin's session tokens: fresh, or stale on demand, and none for an app that was removed."""

from __future__ import annotations

from datetime import timedelta

from sandbox import instants, secrets, signing
from sandbox.shop import DOMAIN
from sandbox.state import fact, remember
from sandbox.world import World


def token(world: World, shop: str = DOMAIN) -> str:
    """A session token of this minute; of two minutes ago while `stale` ones are asked for."""
    stale = fact(world.db, "stale_tokens") or 0
    if stale:
        remember(world.db, "stale_tokens", stale - 1)
    minted = instants.now() - (timedelta(minutes=2) if stale else timedelta())
    return signing.id_token(world.settings.api_key, secrets.signing(world), minted, shop)


def let_stale(world: World, number: int) -> None:
    """The next `number` tokens that App Bridge is given have run out already."""
    remember(world.db, "stale_tokens", number)


def was_removed(world: World) -> bool:
    """Whether the merchant removed the app, and has not opened it since."""
    return bool(fact(world.db, "removed"))


def remove(world: World) -> None:
    remember(world.db, "removed", True)


def grant(world: World) -> None:
    """The merchant opens the app: managed installation asks and installs."""
    remember(world.db, "removed", None)
