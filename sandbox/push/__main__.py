"""The stand-ins of the browsers' push services alone: `python -m sandbox.push [PORT] [HTTPS_PORT]`."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from .browsers import PushServices


async def main(port: int, https_port: int) -> None:
    async with PushServices(port, https_port) as services:
        print(f"Firefox: dom.push.serverURL = {services.firefox_url}")
        print("Chromium:", *services.chromium_switches)
        print("Senders: trust", services.ca_file, "and connect with", *services.connect_to, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    port, https_port = (int(word) for word in [*sys.argv[1:3], "0", "0"][:2])
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(port, https_port))
