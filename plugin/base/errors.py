"""Three kinds of wrong. What a merchant or a stranger did: one of these, a sentence and a place.
What the world may answer: a value. What we broke: let it raise."""

from __future__ import annotations


class BeckonError(Exception):
    """Somebody's input cannot be used. `str(error)` is a whole sentence that may be shown to them."""


class Refused(BeckonError):
    """A signature, a token or a right does not hold: answer 401 or 403, store nothing."""


class Unreadable(BeckonError):
    """A payload from outside lacks what we need or has the wrong shape. Names the key."""


class Unavailable(BeckonError):
    """A service that we need did not answer usefully. The work waits; nothing is lost."""


class Disconnected(Unavailable):
    """A shop's access to Shopify is lost until its merchant opens Beckon once. The work waits in its rows."""


class NotFound(BeckonError):
    """Nothing of this shop has that id."""


class Forgotten(BeckonError):
    """It was erased on its person's request: answer 410, and do not keep it again."""
