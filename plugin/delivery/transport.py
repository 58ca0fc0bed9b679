"""POSTs many small requests at once over few long-lived HTTP/2 connections (docs/decisions/0005, 0048). Knows no push.

Whatever happens out there comes back as a Reply, in the order of the requests and within `Limits.batch` seconds.
Two engines send: our own for HTTP/2, and libcurl, which takes what the first has doubts about.
"""

from __future__ import annotations

from collections.abc import Sequence

from plugin.base import settings

from .connections import GATHERING, exchange
from .curl_flight import CurlFlight
from .http2.flight import Http2Flight
from .post import USUAL, Batch, Limits, Reply, Request, silent


def post_all(requests: Sequence[Request], limits: Limits = USUAL) -> list[Reply]:
    """Sends `requests`; each has its reply at its own place."""
    batch = Batch(requests, limits)
    with exchange() as lines:
        curl = CurlFlight(batch, lines)
        own = Http2Flight(batch, lines.own, curl.take)
        first = own if settings.current().http2 == "own" else curl
        for number in range(len(requests)):
            first.take(number)
        while own.busy or curl.busy:
            at_most = GATHERING if own.busy and curl.busy else None
            if own.busy:
                own.turn(at_most)
            if curl.busy:
                curl.turn(at_most)
    return [reply or silent("there was no time left to try") for reply in batch.replies]
