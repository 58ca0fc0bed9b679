"""Plays runs on one stage, several side by side; judges each at its end, and all once more when everything is over."""

from __future__ import annotations

import queue as queues
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from plugin import queue

from . import laws
from .laws import Ending
from .plan import DOUBLED, Blow, Plan
from .run import Run
from .stage import LEASE, Stage, patiently

TOO_LONG = 240.0
"""Seconds after which a run hangs. A killed clock leaves ten seconds without one, a circuit stays open for thirty."""
LOOK = 0.2
"""Seconds between two looks at what is over."""


@dataclass(slots=True)
class Tally:
    """What was seen."""

    seconds: list[float] = field(default_factory=list)
    """That each run took."""
    pushes: int = 0
    """That arrived at a push service."""
    replaced_waiting: int = 0
    """Copies that replaced one that waited for a sleeping browser, by Topic."""
    replaced_shown: int = 0
    """Copies that replaced one that was shown, by tag."""
    violations: list[str] = field(default_factory=list)

    @property
    def runs(self) -> int:
        return len(self.seconds)

    def words(self, stage: Stage) -> str:
        """One line."""
        struck = ", ".join(f"{count} {kind}" for kind, count in sorted(stage.struck.items()))
        troubles = ", ".join(f"{count} {kind}" for kind, count in sorted(stage.push.made.items()))
        runs = f"{self.runs} runs of {median(self.seconds):.1f} s ({max(self.seconds):.0f} at most)"
        copies = f"copies that replaced another: {self.replaced_waiting} waiting, {self.replaced_shown} shown"
        laws_broken = f"{len(self.violations)} laws broken"
        return f"{runs}, {self.pushes} pushes, {copies}; {laws_broken} | {struck} | pushes {troubles}"


class Harness:
    """`play(plans)`, once or more often."""

    def __init__(self, stage: Stage, say: Callable[[str], None] = lambda _: None) -> None:
        self._stage = stage
        self._say = say

    def play(
        self,
        plans: Iterable[Plan],
        *,
        side_by_side: int = 6,
        too_long: float = TOO_LONG,
        begun: Callable[[Run], None] = lambda _: None,
    ) -> Tally:
        """Plays every plan to its end; `begun` has each run just after its beginning."""
        tally, ahead, playing = Tally(), list(plans), list[Run]()
        done: list[Run] = []
        looked = time.monotonic()
        while ahead or playing:
            while ahead and len(playing) < side_by_side:
                playing.append(self._begin(ahead.pop(0)))
                begun(playing[-1])
            self._hear(playing, done)
            for run in playing:
                self._strike(run, run.due())
            self._stage.supervise()
            if time.monotonic() - looked < LOOK:
                continue
            looked = time.monotonic()
            for run in playing[:]:
                if (end := self._end(run, too_long)) is not None:
                    playing.remove(run)
                    done.append(run)
                    self._judge(run, end, tally)
                    self._strike(run, run.ahead)  # it was quicker than they
        self._settle(done, tally)
        return tally

    def _begin(self, plan: Plan) -> Run:
        run = Run(plan, next(self._stage.numbers))
        run.begin(self._stage.push)
        return run

    def _hear(self, playing: Sequence[Run], done: Sequence[Run]) -> None:
        """Pushes that arrived since; waits a moment for the first."""
        of_host = {run.host: run for run in (*done[-20:], *playing)}
        try:
            host = self._stage.push.arrivals.get(timeout=0.05)
            while True:
                if host in of_host:
                    of_host[host].arrived += 1
                host = self._stage.push.arrivals.get_nowait()
        except queues.Empty:
            pass

    def _strike(self, run: Run, blows: Sequence[Blow]) -> None:
        for blow in blows:
            if blow.kind == DOUBLED:
                self._stage.struck[DOUBLED] += 1
                patiently(run.double_jobs)
            else:
                self._stage.strike(blow.kind, blow.which)

    def _end(self, run: Run, too_long: float) -> str | None:
        """None while it goes on; how it hangs, or nothing, when it is over."""
        if patiently(run.is_over):
            return ""
        if time.monotonic() - run.began > too_long:
            return f"it hangs: {patiently(run.standing)}"
        return None

    def _judge(self, run: Run, hangs: str, tally: Tally) -> None:
        ending = self._ending(run)
        tally.seconds.append(time.monotonic() - run.began)
        tally.pushes += run.arrived
        _count_copies(ending, tally)
        self._note([f"seed {run.plan.seed}: {words}" for words in [hangs, *laws.broken(ending)] if words], tally)
        if run.plan.late_double and not hangs:
            self._stage.struck[DOUBLED] += 1
            patiently(run.double_jobs)
        if tally.runs % 20 == 0:
            self._say(tally.words(self._stage))

    def _settle(self, done: Sequence[Run], tally: Tally) -> None:
        """Jobs that came late have run as well; then nobody may have been shown anything more. Browsers wake."""
        self._wait_for_silence()
        tally.pushes, tally.replaced_waiting, tally.replaced_shown = sum(run.arrived for run in done), 0, 0
        for run in done:
            self._stage.push.wake(run.host, run.tokens)
            ending = self._ending(run)
            _count_copies(ending, tally)
            known = set(tally.violations)
            again = [f"seed {run.plan.seed}: {words}" for words in laws.broken(ending)]
            self._note([f"{words} (when all was over)" for words in again if words not in known], tally)
        self._note(self._stage.complaints, tally)
        self._stage.complaints.clear()
        self._say(tally.words(self._stage))

    def _note(self, violations: Sequence[str], tally: Tally) -> None:
        tally.violations += violations
        for each in violations:
            self._say(each)

    def _wait_for_silence(self) -> None:
        end = time.monotonic() + TOO_LONG
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < LEASE:
            self._stage.supervise()
            if any(queue.backlog(name) for name in queue.QUEUES) or not self._stage.push.arrivals.empty():
                quiet_since = time.monotonic()
            self._hear([], [])
            if time.monotonic() > end:
                self._stage.complaints.append("jobs are left in the queues when all is over")
                return

    def _ending(self, run: Run) -> Ending:
        taken = self._stage.push.taken(run.tokens)
        return patiently(lambda: laws.read(run, taken))


def _count_copies(ending: Ending, tally: Tally) -> None:
    for taken in ending.taken.values():
        tally.replaced_waiting += sum(one.state == "replaced" for one in taken)
        shown = Counter(one.topic for one in taken if one.state == "delivered")
        tally.replaced_shown += sum(shown.values()) - len(shown)
