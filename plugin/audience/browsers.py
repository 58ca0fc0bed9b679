"""To which of a person's browsers a message goes: the one that they used last, or each of them."""

from __future__ import annotations

from enum import StrEnum

from plugin.base.errors import BeckonError


class Browsers(StrEnum):
    """What an author chooses for each message; it stands in `campaigns.browsers` and `automations.browsers`."""

    LAST = "last"
    """The active one with the newest visit at the moment of sending; the next one where that turns out to be gone."""
    ALL = "all"


WORDS = {Browsers.LAST: "The browser they used last", Browsers.ALL: "All their browsers"}


def chosen(text: str) -> Browsers:
    """What a form says. Raises BeckonError."""
    try:
        return Browsers(text)
    except ValueError:
        raise BeckonError("Choose the browser that people used last, or all their browsers.") from None
