"""Static lists: people whom the merchant named. See plugin/segment/lists."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from plugin.segment.kinds import Family, Kind, Takes
from plugin.store.tables import list_members, lists, people

from .shape import Argument, Question, reads


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _on(shop_id: int, key: str) -> ColumnElement[bool]:
    named = select(lists.c.id).where(lists.c.shop_id == shop_id, lists.c.key == key)
    return people.c.id.in_(select(list_members.c.person_id).where(list_members.c.list_id.in_(named)))


NAME = Kind("list name", Family.IDENTITY, Takes.TEXT, "a list's name in single quotes such as 'Fair 2026'", key=_key)

ENTRIES = (
    Question(
        "in_list",
        (Argument("name", NAME),),
        _on,
        lambda profile, key: key in profile.lists,
        reads=reads("lists"),
        says="are on the list {name}",
    ),
)
