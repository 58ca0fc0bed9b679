"""Single messages that ended badly, each with a line in the log that names its delivery; a batch never floods it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final, NamedTuple

from plugin.base import logs
from plugin.base.outcomes import Outcome

log = logging.getLogger(__name__)

LINES: Final = 20
"""Of one batch."""
BADLY: Final = frozenset({Outcome.REJECTED, Outcome.FAILED})


class Failure(NamedTuple):
    """A delivery that ends in one of `BADLY`, why in words, and the push service's last answer."""

    shop_id: int
    campaign_id: int | None
    delivery_id: int
    state: str
    reason: str | None
    status: int | None


def tell(failures: Sequence[Failure]) -> None:
    """A warning for each, up to `LINES`, and one more that says how many are not told."""
    for one in failures[:LINES]:
        with logs.about(shop=one.shop_id, campaign=one.campaign_id, delivery=one.delivery_id):
            log.warning("%s, status %s: %s", one.state, one.status or "none", one.reason or "no words")
    if len(failures) > LINES:
        log.warning("so ended %s more messages of this batch", len(failures) - LINES)
