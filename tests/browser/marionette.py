"""A client of Marionette, Firefox's own remote control: JSON over TCP, so that no driver has to be downloaded."""

from __future__ import annotations

import itertools
import json
import socket
from typing import Any

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
SHADOW = "shadow-6066-11e4-a52e-4f735466cecf"


class MarionetteError(Exception):
    """Firefox refused a command, or a script in it raised."""


class Marionette:
    """One session with a Firefox that listens on `port`."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._received = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._read()  # the greeting
        self.command("WebDriver:NewSession")

    def close(self) -> None:
        self._received.close()
        self._socket.close()

    def command(self, name: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        sent = json.dumps([0, number, name, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(sent), sent))
        while True:
            _, answered, error, result = self._read()
            if answered != number:
                continue
            if error:
                raise MarionetteError(f"{name}: {error.get('error')}: {error.get('message')}")
            return result["value"] if isinstance(result, dict) and result.keys() == {"value"} else result

    def run(self, body: str, *args: Any) -> Any:
        """Runs JavaScript in the page; `body` may await, finds `args`, and what it returns comes back."""
        script = (
            "const [args, done] = [arguments[0], arguments[arguments.length - 1]];"
            f"(async () => {{ {body} }})().then((v) => done({{v}}), (e) => done({{e: String(e)}}));"
        )
        answer = self.command("WebDriver:ExecuteAsyncScript", script=script, args=[list(args)], newSandbox=False)
        if "e" in answer:
            raise MarionetteError(answer["e"])
        return answer.get("v")

    def run_in_chrome(self, body: str, *args: Any) -> Any:
        """The same with the browser's own rights, in its window."""
        self.command("Marionette:SetContext", value="chrome")
        try:
            return self.run(body, *args)
        finally:
            self.command("Marionette:SetContext", value="content")

    def element(self, css: str) -> str:
        found = self.command("WebDriver:FindElement", using="css selector", value=css)
        return str(found[ELEMENT])

    def element_in_shadow(self, host: str, css: str) -> str:
        root = self.command("WebDriver:GetShadowRoot", id=self.element(host))[SHADOW]
        found = self.command("WebDriver:FindElementFromShadowRoot", shadowRoot=root, using="css selector", value=css)
        return str(found[ELEMENT])

    def click(self, element: str) -> None:
        """A real click: it gives the page user activation."""
        self.command("WebDriver:ElementClick", id=element)

    def _read(self) -> Any:
        size = b""
        while (byte := self._received.read(1)) != b":":
            if not byte:
                raise MarionetteError("Firefox went away")
            size += byte
        return json.loads(self._received.read(int(size)))
