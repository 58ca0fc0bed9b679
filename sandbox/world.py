"""What every room of the sandbox holds in its hands: the settings and the state, nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from sandbox.settings import Settings
from sandbox.state import Db


@dataclass(frozen=True, slots=True)
class World:
    settings: Settings
    db: Db


def world_of(request: Request) -> World:
    """The world that the application was made with."""
    world: World = request.app.state.world
    return world
