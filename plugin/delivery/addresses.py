"""Where a push may be sent: to the internet's addresses, and to others only where the settings say so."""

from __future__ import annotations

import ipaddress

from plugin.base import settings


def trusted(origin: str) -> bool:
    """May this origin stand at a private address? Only one that the settings name."""
    now = settings.current()
    if origin in now.push_origins:
        return True
    host, port = host_and_port(origin)
    return any(_about(entry, host, port) for entry in now.push_connect_to)


def led_to(origin: str) -> tuple[str, int]:
    """Host and port to connect to for `origin`: its own, or where BECKON_PUSH_CONNECT_TO leads it."""
    host, port = host_and_port(origin)
    for entry in settings.current().push_connect_to:
        if _about(entry, host, port):
            _, _, to_host, to_port = entry.split(":")
            return to_host or host, int(to_port or port)
    return host, int(port)


def host_and_port(origin: str) -> tuple[str, str]:
    """`https://host[:port]` in two; brackets of an IPv6 address are left away."""
    authority = origin.removeprefix("https://")
    host, colon, port = authority.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = authority, "443"
    return host.strip("[]"), port


def _about(entry: str, host: str, port: str) -> bool:
    """Whether curl's CONNECT_TO `entry` is about this host and port; an empty field stands for any."""
    entry_host, entry_port, _, _ = entry.split(":")
    return entry_host in ("", host) and entry_port in ("", port)


def public(address: str) -> bool:
    """Whether `address` is one of the internet's and not of our own house."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        within = found.ipv4_mapped or found.sixtofour or _translated(found)
        if within is not None:
            found = within
    return found.is_global and not found.is_multicast


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a NAT64 one (RFC 6052)."""
    inside = address in ipaddress.ip_network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if inside else None
