"""What other tools told through the events API, and what shoppers said of themselves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, and_, exists, func, not_, or_, select

from plugin.profile.load import Profile
from plugin.profile.load_elsewhere import Answer
from plugin.segment.kinds import Family, Kind, Takes
from plugin.store.tables import answers, custom_events

from .shape import Function, Parameter, by_name, column, reads

EVENT = Kind(
    "event", Family.IDENTITY, Takes.TEXT, "an event's name in single quotes such as 'loyalty_points'", key=str.casefold
)
QUESTION = Kind("question", Family.IDENTITY, Takes.TEXT, "a question in single quotes such as 'size'", key=str.casefold)
ANSWER = Kind("answer", Family.IDENTITY, Takes.TEXT, "an answer in single quotes such as '42'", key=str.casefold)


def last_answers(shop_id: int) -> Select[tuple[int]]:
    """Of each question the last one."""
    later = answers.alias()
    after = or_(later.c.at > answers.c.at, and_(later.c.at == answers.c.at, later.c.id > answers.c.id))
    same = later.c.person_id == answers.c.person_id, later.c.question == answers.c.question
    return select(answers.c.person_id).where(answers.c.shop_id == shop_id, not_(exists().where(*same, after)))


def _read_answers(profile: Profile) -> Sequence[Answer]:
    return [answer for answer in profile.answers if answer.stands]


ENTRIES = (
    Function(
        "event",
        rows=lambda shop_id: select(custom_events.c.person_id).where(custom_events.c.shop_id == shop_id),
        person=custom_events.c.person_id,
        read=lambda profile: profile.custom_events,
        at=lambda event: event.at,
        reads=reads("custom_events"),
        says="have {name}{value}{text}{date}{count}",
        row="event",
        says_row=lambda event: f"{event.name} {event.value:g}" if event.value is not None else event.name,
        parameters=by_name(
            (
                Parameter(
                    "name",
                    EVENT,
                    column(custom_events.c.name),
                    lambda event: event.name,
                    says="an event {words}",
                    absent="any event",
                ),
                Parameter(
                    "value",
                    Kind.FLOAT,
                    column(custom_events.c.value),
                    lambda event: event.value,
                    says=" of {words}",
                ),
                Parameter(
                    "text",
                    Kind.TEXT,
                    column(custom_events.c.text),
                    lambda event: event.text,
                    says=" with the text {words}",
                ),
                Parameter("date", Kind.DATE, column(custom_events.c.at), lambda event: event.at, says=" {words}"),
                Parameter("count", Kind.INTEGER, column(func.count()), len, says=", {words}", unit="time", total=True),
            )
        ),
    ),
    Function(
        "answered",
        rows=last_answers,
        person=answers.c.person_id,
        read=_read_answers,
        at=lambda answer: answer.at,
        reads=reads("answers"),
        says="have answered{question}{answer}{date}{count}",
        row="answer",
        says_row=lambda answer: f"{answer.question}: {answer.answer}",
        parameters=by_name(
            (
                Parameter(
                    "question",
                    QUESTION,
                    column(answers.c.question),
                    lambda answer: answer.question,
                    says=" the question {words}",
                    absent=" any question",
                ),
                Parameter("answer", ANSWER, column(answers.c.key), lambda answer: answer.key, says=" with {words}"),
                Parameter("date", Kind.DATE, column(answers.c.at), lambda answer: answer.at, says=" {words}"),
                Parameter(
                    "count", Kind.INTEGER, column(func.count()), len, says=", {words}", unit="question", total=True
                ),
            )
        ),
    ),
)
