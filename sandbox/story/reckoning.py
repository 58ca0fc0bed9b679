"""The reckoning: each number that the app reports beside the one that the sandbox saw, and whether they agree."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sandbox.state import Json


@dataclass(frozen=True, slots=True)
class Check:
    """`seen` by the sandbox, `told` by the app."""

    act: str
    what: str
    seen: int | str
    told: int | str
    at_least: bool = False
    """For numbers to which somebody else may have added since (a developer's own browser)."""

    @property
    def holds(self) -> bool:
        if self.at_least and isinstance(self.seen, int) and isinstance(self.told, int):
            return self.told >= self.seen
        return self.told == self.seen

    def as_json(self) -> Json:
        return asdict(self) | {"holds": self.holds}


class Reckoning:
    """Collects checks in the order of the story."""

    def __init__(self, checks: list[Json] | None = None) -> None:
        self.checks = [Check(**{name: each[name] for name in Check.__slots__}) for each in checks or []]

    def compare(self, act: str, what: str, seen: int | str, told: int | str, *, at_least: bool = False) -> None:
        self.checks.append(Check(act, what, seen, told, at_least))

    def forget(self, *acts: str) -> None:
        """What is about to be compared anew."""
        self.checks = [check for check in self.checks if check.act not in acts]

    @property
    def adds_up(self) -> bool:
        return bool(self.checks) and all(check.holds for check in self.checks)

    def as_json(self) -> list[Json]:
        return [check.as_json() for check in self.checks]
