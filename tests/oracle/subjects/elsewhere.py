"""What other tools tell of people, and what shoppers answered."""

from __future__ import annotations

from tests.oracle.almanac import instant
from tests.oracle.kinds import DATE, NUMBER, folded, identity, text
from tests.oracle.rows import Row, Rows
from tests.oracle.subjects import Function, Parameter
from tests.oracle.subjects.behaviour import COUNT


def standing(person: Row, rows: Rows) -> list[Row]:
    """Of each question the last answer."""
    told = sorted(rows.of(person["id"], "answers"), key=lambda one: (instant(one["at"]), one.get("id")))
    return list({one["question"].casefold(): one for one in told}.values())


def named(name: str) -> Parameter:
    return Parameter(identity(name, folded, nulls=False), lambda one, _: one[name].casefold(), f"{name}s")


AT = Parameter(DATE, lambda one, _: instant(one["at"]))
ENTRIES: dict[str, Function] = {
    "event": Function(
        lambda person, rows: rows.of(person["id"], "events"),
        {
            "name": Parameter(identity("event", folded, nulls=False), lambda one, _: one["name"].casefold(), "events"),
            "value": Parameter(
                NUMBER, lambda one, _: None if one["value"] is None else float(one["value"]), "event_values"
            ),
            "text": Parameter(identity("event's text", text, nulls=False), lambda one, _: one["text"], "event_texts"),
            "date": AT,
            "count": COUNT,
        },
    ),
    "answered": Function(
        standing, {"question": named("question"), "answer": named("answer"), "date": AT, "count": COUNT}
    ),
}
