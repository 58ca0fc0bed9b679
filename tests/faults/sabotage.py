"""The product, or a push service, made wrong on purpose for one run: proves that the laws can be broken and say so.

By the database's own triggers, so that no code of the product has to be replaced in processes of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy import text

from plugin.store.engine import transaction

from .plan import Blow, Browser, Person, Plan
from .push_service import Trouble
from .run import Run
from .stage import Stage

PEOPLE = 30


SLOW: Final = Trouble("late", seconds=0.5)
UNHEARD: Final = Trouble("cut before", seconds=0.5)


def plan(number: int, *, killed_after: int, trouble: Trouble = SLOW) -> Plan:
    """A campaign to thirty people, half of them asleep, in which both workers die before they wrote anything down.
    Each browser's first push meets `trouble`."""
    browsers = [Browser(gone=False, asleep=asleep, troubles=(trouble,)) for asleep in (True, False)]
    people = tuple(Person((browsers[each % 2],), has_cart=False) for each in range(PEOPLE))
    blow = Blow("both workers killed", 0, killed_after, 0.0)
    return Plan(number, people, campaign=True, all_browsers=False, blows=(blow,), late_double=False)


def without_topic(stage: Stage, run: Run) -> None:
    """Its push service does not see that two pushes are the same message."""
    stage.push.deaf_to_topics.add(run.host)


def a_name_for_each_try(stage: Stage, run: Run) -> None:
    """Sent again under another Topic and tag."""
    _when_given_up(run, "NEW.token := md5(random()::text)")


def believed_sent(stage: Stage, run: Run) -> None:
    """What a dead worker had is taken for sent."""
    _when_given_up(run, "NEW.state := 'sent'; NEW.finished_at := now()")


def never_given_up(stage: Stage, run: Run) -> None:
    """What a dead worker had is left to it."""
    _when_given_up(run, "RETURN NULL")


SABOTAGES: Final[tuple[tuple[Callable[[Stage, Run], None], int, Trouble, str], ...]] = (
    (without_topic, PEOPLE, SLOW, r"waits [2-9] times"),
    (a_name_for_each_try, PEOPLE, SLOW, r"is shown [2-9] times"),
    (believed_sent, 1, UNHEARD, "never got"),
)
"""What is done, after how many pushes the workers die, what these meet, and the pattern of what must be said of it."""


def _when_given_up(run: Run, deed: str) -> None:
    """`deed` befalls each delivery of the run whose worker is found dead."""
    name = f"sabotage_{run.shop_id}"
    body = f"BEGIN {deed}; RETURN NEW; END"
    with transaction() as tx:
        tx.execute(text(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
        tx.execute(
            text(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON deliveries FOR EACH ROW"
                f" WHEN (NEW.state = 'unknown' AND NEW.shop_id = {run.shop_id}) EXECUTE FUNCTION {name}()"
            )
        )
