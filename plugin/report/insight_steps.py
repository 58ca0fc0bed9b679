"""The steps of a count, in the order in which they are taken."""

from __future__ import annotations

from typing import Final

from . import insight_money, insight_overlap, insight_parts, insight_push
from .insight import Step

STEPS: Final[tuple[Step, ...]] = (
    insight_money.sales,
    insight_push.push,
    *insight_parts.STEPS,
    insight_money.weeks,
    insight_overlap.overlaps,
)
