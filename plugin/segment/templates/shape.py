"""What a ready segment is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """`query` under `name`, and `when` to use it; `key` names it in an address and on the command line."""

    key: str
    name: str
    query: str
    when: str
