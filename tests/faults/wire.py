"""A wire that can be cut: a TCP relay before a server, which ends one of its connections when it is told to."""

from __future__ import annotations

import asyncio
import contextlib


class Wire:
    """`await lay(server_port)`, then clients connect to `port`."""

    def __init__(self) -> None:
        self.port = 0
        self._pairs: dict[int, tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = {}
        """By the port from which the server sees the connection come."""
        self._listener: asyncio.Server | None = None

    async def lay(self, server_port: int) -> None:
        """Begins to relay."""

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._relay(reader, writer, server_port)

        self._listener = await asyncio.start_server(relay, "127.0.0.1", 0)
        self.port = int(self._listener.sockets[0].getsockname()[1])

    def cut(self, seen_from: int) -> None:
        """Ends the connection that the server sees come from this port; what was not relayed yet is lost."""
        for end in self._pairs.pop(seen_from, ()):
            end.transport.abort()

    async def take_down(self) -> None:
        """Ends every connection."""
        if self._listener is not None:
            self._listener.close()
        for seen_from in list(self._pairs):
            self.cut(seen_from)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server_port: int) -> None:
        there, onward = await asyncio.open_connection("127.0.0.1", server_port)
        seen_from = int(onward.get_extra_info("sockname")[1])
        self._pairs[seen_from] = (writer, onward)
        try:
            await asyncio.gather(_pour(reader, onward), _pour(there, writer))
        finally:
            self.cut(seen_from)


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
        target.close()
