"""The service worker that the shop's own domain serves to its shoppers, and the one that takes itself away."""

from __future__ import annotations

import functools
from pathlib import Path

WORKER = Path(__file__).parents[2] / "static" / "sw.js"

FAREWELL = """\
/* This shop has left Beckon: the worker gives its subscription back and removes itself. */
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(leave()));

async function leave() {
  const subscription = await self.registration.pushManager.getSubscription();
  if (subscription) await subscription.unsubscribe();
  await self.registration.unregister();
}
"""


@functools.cache
def worker() -> str:
    return WORKER.read_text("utf-8")
