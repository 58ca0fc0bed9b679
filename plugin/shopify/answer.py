"""What the Admin API said: data, and beside it what it would not say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

HIDDEN = "ACCESS_DENIED"
"""A scope or the approval for protected customer data is missing: the field is there, but not for us."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One of the `errors` of an answer: `path` says which field has it, `code` why, in Shopify's words."""

    path: tuple[str | int, ...]
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`data` with None where Shopify gave nothing; `errors` tell which of these are hidden and which just empty."""

    data: Json
    errors: tuple[FieldError, ...] = ()

    def hides(self, *path: str | int) -> bool:
        """Whether the field at `path`, or one that holds it, is hidden from us: then None does not mean "none"."""
        denied = (error.path for error in self.errors if error.code == HIDDEN)
        return any(path[: len(hidden)] == hidden for hidden in denied if hidden)


def errors_of(told: Json) -> tuple[FieldError, ...]:
    """The `errors` of an answer, whatever their shape: a list of objects, or one text."""
    found = told.get("errors")
    if not found:
        return ()
    if not isinstance(found, list):
        return (FieldError((), "", str(found)[:300]),)
    return tuple(_error(one if isinstance(one, dict) else {"message": one}) for one in found)


def _error(one: Json) -> FieldError:
    path, extensions = one.get("path"), one.get("extensions")
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return FieldError(
        path=tuple(step for step in path if isinstance(step, str | int)) if isinstance(path, list) else (),
        code=code if isinstance(code, str) else "",
        message=str(one.get("message", ""))[:300],
    )
