"""Visits: when and how long, from where, with what. And what a person ever came with, or gets notifications on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Table, func, or_, select

from plugin.profile.load import Profile
from plugin.segment.kinds import Family, Kind
from plugin.store.tables import people, subscriptions, visits

from .of_browser import BROWSER, DEVICE, HOST, LANGUAGE, PATH, PLATFORM, UTM
from .shape import Attribute, Function, Parameter, by_name, column, reads


def _somewhere(name: str, *tables: Table) -> Callable[[int], Callable[..., ColumnElement[bool]]]:
    """People with a row in one of `tables` that has the key under `name`; without a key, any."""

    def asked(shop_id: int) -> Callable[..., ColumnElement[bool]]:
        def some(*keys: Any) -> ColumnElement[bool]:
            return or_(
                *(
                    people.c.id.in_(
                        select(table.c.person_id).where(
                            table.c.shop_id == shop_id,
                            *((table.c[name] == key for key in keys) if keys else (table.c[name].is_not(None),)),
                        )
                    )
                    for table in tables
                )
            )

        return some

    return asked


def _ever(name: str, kind: Kind, verb: str, noun: str, *, by_browser: bool = False) -> Attribute:
    """A list of what any visit told; `by_browser`: or any browser that agreed to notifications."""

    def read(profile: Profile) -> frozenset[str]:
        rows = (*profile.visits, *profile.browsers) if by_browser else profile.visits
        return frozenset({getattr(row, name) for row in rows} - {None})

    return Attribute(
        name,
        replace(kind, family=Family.LIST),
        _somewhere(name, *((visits, subscriptions) if by_browser else (visits,))),
        read,
        reads=reads("visits", "browsers") if by_browser else reads("visits"),
        verb=verb,
        noun=noun,
    )


ENTRIES = (
    _ever("device", DEVICE, "came on a device of the kind", "a known kind of device", by_browser=True),
    _ever("platform", PLATFORM, "came with", "a known platform", by_browser=True),
    _ever("browser", BROWSER, "came in", "a known browser", by_browser=True),
    _ever("language", LANGUAGE, "have a browser in the language", "a browser's language", by_browser=True),
    _ever("referrer", HOST, "came by a link of", "a visit by a link of elsewhere"),
    _ever("utm_source", UTM, "came from the source", "a visit with a UTM source"),
    _ever("utm_medium", UTM, "came by the medium", "a visit with a UTM medium"),
    _ever("utm_campaign", UTM, "came for the campaign", "a visit with a UTM campaign"),
    Function(
        "site_visited",
        rows=lambda shop_id: select(visits.c.person_id).where(visits.c.shop_id == shop_id),
        person=visits.c.person_id,
        read=lambda profile: profile.visits,
        at=lambda visit: visit.at,
        reads=reads("visits"),
        says="have visited{date}{count}{seconds}{pages}{landing}{referrer}{utm_source}{utm_medium}{utm_campaign}"
        "{device}{platform}{browser}{language}{sum_seconds}{sum_pages}",
        row="visit",
        says_row=lambda visit: (
            f"{visit.seconds} seconds, {visit.pages} pages, from {visit.landing or 'an unknown page'}"
        ),
        parameters=by_name(
            (
                Parameter("date", Kind.DATE, column(visits.c.started_at), lambda visit: visit.at, says=" {words}"),
                Parameter("count", Kind.INTEGER, column(func.count()), len, says=" {words}", unit="time", total=True),
                *(
                    Parameter(
                        name,
                        Kind.INTEGER,
                        column(visits.c[name]),
                        attrgetter(name),
                        says=" for {words}",
                        unit=name[:-1],
                    )
                    for name in ("seconds", "pages")
                ),
                *(
                    Parameter(
                        f"sum_{name}",
                        Kind.INTEGER,
                        column(func.sum(visits.c[name])),
                        lambda some, name=name: sum(getattr(visit, name) for visit in some),  # type: ignore[misc]
                        says=", {words} altogether",
                        unit=name[:-1],
                        total=True,
                    )
                    for name in ("seconds", "pages")
                ),
                *(
                    Parameter(name, kind, column(visits.c[name]), attrgetter(name), says=f"{says}{{words}}")
                    for name, kind, says in (
                        ("landing", PATH, " from the page "),
                        ("referrer", HOST, " by a link of "),
                        ("utm_source", UTM, " from the source "),
                        ("utm_medium", UTM, " by the medium "),
                        ("utm_campaign", UTM, " for the campaign "),
                        ("device", DEVICE, " on a "),
                        ("platform", PLATFORM, " with "),
                        ("browser", BROWSER, " in "),
                        ("language", LANGUAGE, " in the language "),
                    )
                ),
            )
        ),
    ),
)
