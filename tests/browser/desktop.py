"""A desktop for headless browsers: a private D-Bus session with a notification daemon whose notifications can be read,
pressed and waved away. A press there is a real user's, so the browser lets the worker open a page."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusDict, DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from . import needs

NAME = "org.freedesktop.Notifications"
Texts = Annotated[list[str], DBusSignature("as")]
FourTexts = Annotated[list[str], DBusSignature("ssss")]
TwoNumbers = Annotated[list[int], DBusSignature("uu")]
NumberAndText = Annotated[list[int | str], DBusSignature("us")]
DISMISSED, CLOSED_BY_CALL = 2, 3

_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type><listen>unix:dir={home}</listen><auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
"""No directories of services: a bus that starts nothing leaves nothing behind."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One notification on the desktop."""

    number: int
    title: str
    body: str
    actions: tuple[str, ...]


class Desktop:
    """Start it inside the loop that shall run it: `await desktop.start()`."""

    address: str

    async def start(self) -> Desktop:
        self._home = tempfile.TemporaryDirectory(prefix="beckon-desktop-")
        config = Path(self._home.name) / "bus.conf"
        config.write_text(_BUS.format(home=self._home.name))
        self._daemon = await asyncio.create_subprocess_exec(
            needs.DBUS,
            *(f"--config-file={config}", "--nofork", "--print-address=1"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert self._daemon.stdout is not None
        self.address = (await self._daemon.stdout.readline()).decode().strip()
        self._bus = await MessageBus(bus_address=self.address).connect()
        self._notifications = _Notifications()
        self._bus.export("/org/freedesktop/Notifications", self._notifications)
        await self._bus.request_name(NAME)
        return self

    async def stop(self) -> None:
        self._bus.disconnect()
        self._daemon.terminate()
        await self._daemon.wait()
        self._home.cleanup()

    @property
    def shown(self) -> list[Shown]:
        return list(self._notifications.shown.values())

    def clear(self) -> None:
        """Sweeps away what an earlier test left."""
        self._notifications.shown.clear()

    async def press(self, notification: Shown) -> None:
        """A click on the notification's body."""
        self._notifications.ActionInvoked(notification.number, "default")

    async def wave_away(self, notification: Shown) -> None:
        self._notifications.shown.pop(notification.number, None)
        self._notifications.NotificationClosed(notification.number, DISMISSED)


class _Notifications(ServiceInterface):
    """The few methods of the desktop notification specification that both browsers call."""

    def __init__(self) -> None:
        super().__init__(NAME)
        self.shown: dict[int, Shown] = {}
        self._last = 0

    @dbus_method()
    def GetCapabilities(self) -> Texts:  # noqa: N802
        return ["actions", "body", "body-markup", "icon-static", "persistence"]

    @dbus_method()
    def GetServerInformation(self) -> FourTexts:  # noqa: N802
        return ["desktop", "beckon tests", "1.0", "1.2"]

    @dbus_method()
    def Notify(  # noqa: N802
        self,
        app: DBusStr,
        replaces: DBusUInt32,
        icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: Texts,
        hints: DBusDict,
        timeout: DBusInt32,
    ) -> DBusUInt32:
        if not replaces:
            self._last += 1
        number = replaces or self._last
        self.shown[number] = Shown(number, summary, body, tuple(actions[::2]))
        return number

    @dbus_method()
    def CloseNotification(self, number: DBusUInt32):  # type: ignore[no-untyped-def]  # noqa: N802  D-Bus: no value
        self.shown.pop(number, None)
        self.NotificationClosed(number, CLOSED_BY_CALL)

    @dbus_signal()
    def NotificationClosed(self, number: DBusUInt32, reason: DBusUInt32) -> TwoNumbers:  # noqa: N802
        return [number, reason]

    @dbus_signal()
    def ActionInvoked(self, number: DBusUInt32, key: DBusStr) -> NumberAndText:  # noqa: N802
        return [number, key]
