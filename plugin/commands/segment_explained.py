"""What `beckon segment explain` says of one person, as text and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from plugin.profile.load import Profile
from plugin.segment.explain import Turn, Verdict
from plugin.segment.membership import Explanation, why

from .tables import table


def explained_json(found: Explanation) -> dict[str, Any]:
    """Instants are ISO in UTC."""
    return {
        "member": found.member,
        "since": found.since and found.since.isoformat(),
        "because_of": why(found.change.cause) if found.change else None,
        "changes": _turn(found.turn),
        "clauses": [
            {
                "clause": one.clause,
                "holds": one.holds,
                "value": one.value,
                "behind": [{"what": row.said, "at": row.at.isoformat()} for row in one.rows],
                "changes": _turn(one.turn),
            }
            for one in found.verdicts
        ],
    }


def explained_text(found: Explanation, profile: Profile, zone: ZoneInfo) -> str:
    """Instants are on the shop's clocks."""
    head = "member" if found.member else "not a member"
    if found.since is not None:
        head += f" since {_clock(found.since, zone)}"
        head += f", because of {why(found.change.cause)}" if found.change else ""
    rows = [["true" if one.holds else "false", one.clause, _value(one, zone)] for one in found.verdicts]
    if profile.deleted:
        rows.append(["false", "", "deleted in Shopify"])
    lines = [head, table(("holds", "clause", "value"), rows)]
    if found.turn is not None:
        lines.append(
            f"{'enters' if found.turn.holds else 'leaves'} on {_clock(found.turn.at, zone)} if nothing happens"
        )
    return "\n".join(lines)


def _value(verdict: Verdict, zone: ZoneInfo) -> str:
    parts = [verdict.value]
    if verdict.rows:
        parts.append(", ".join(f"{row.said} ({_clock(row.at, zone)})" for row in verdict.rows))
    if verdict.turn is not None:
        parts.append(f"{'true' if verdict.turn.holds else 'false'} from {_clock(verdict.turn.at, zone)}")
    return "; ".join(parts)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _turn(found: Turn | None) -> dict[str, Any] | None:
    return {"at": found.at.isoformat(), "holds": found.holds} if found else None
