"""Where a network address is, by an offline database: DB-IP's City Lite (CC BY 4.0), read by maxminddb.

`make cities` fetches it into BECKON_CITIES; without it nothing is located by address, and Settings says so. The address
itself is looked up and forgotten. Docs: docs/decisions/0036.
"""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import maxminddb

from plugin.base import settings

from .places import on_sphere


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as coarse as it is kept. Coordinates in degrees, two decimals; what is not known is None."""

    latitude: float | None = None
    longitude: float | None = None
    country: str | None = None
    region: str | None = None
    city: str | None = None

    @property
    def point(self) -> tuple[float, float, float] | None:
        """On a sphere of radius 1."""
        if self.latitude is None or self.longitude is None:
            return None
        return on_sphere(self.latitude, self.longitude)


def coarse(latitude: float, longitude: float) -> Spot:
    """What a shopper shared, rounded to about a kilometre."""
    return Spot(round(latitude, 2), round(longitude, 2))


def locate(address: str | None) -> Spot | None:
    """The place of a network address; None for a private one, one that is not in the database, or without it."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    reader = _reader(settings.current().cities, found.version)
    told = reader.get(found) if reader and found.is_global else None
    return _spot(told) if isinstance(told, dict) else None


def made_on() -> datetime | None:
    """When the database was made; None when there is none."""
    reader = _reader(settings.current().cities, 4)
    return datetime.fromtimestamp(reader.metadata().build_epoch, UTC) if reader else None


@functools.cache
def _reader(folder: Path, version: int) -> maxminddb.Reader | None:
    """Opened once a process; the file is mapped, not read into memory."""
    file = next(iter(sorted(folder.glob(f"**/*-ipv{version}.mmdb"))), None)
    return maxminddb.open_database(file) if file else None


def _spot(told: dict[str, Any]) -> Spot | None:
    country = told.get("country_code")
    if not isinstance(country, str) or len(country) != 2:
        return None
    north, east = told.get("latitude"), told.get("longitude")
    there = isinstance(north, float) and isinstance(east, float)
    return Spot(
        latitude=round(north, 2) if there and isinstance(north, float) else None,
        longitude=round(east, 2) if there and isinstance(east, float) else None,
        country=country.upper(),
        region=told.get("state1") or None,
        city=told.get("city") or None,
    )
