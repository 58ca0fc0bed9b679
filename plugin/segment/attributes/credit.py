"""Store credit, as Shopify told its accounts last."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from plugin.segment.kinds import Family, Kind, Takes, Unfit
from plugin.store.tables import store_credits

from .shape import Function, Parameter, by_name, column, reads


def _currency(code: str) -> str:
    if len(code) == 3 and code.isascii() and code.isalpha() and code.isupper():
        return code
    raise Unfit("takes a currency's three capital letters in single quotes such as 'GBP'.")


_CURRENCY = Kind(
    "currency",
    Family.IDENTITY,
    Takes.TEXT,
    "a currency's three capital letters in single quotes such as 'GBP'",
    key=_currency,
    quoted=False,
)


def _accounts(shop_id: int) -> Select[tuple[int]]:
    return select(store_credits.c.person_id).where(store_credits.c.shop_id == shop_id, ~store_credits.c.overruled)


ENTRIES = (
    Function(
        "store_credit_accounts",
        rows=_accounts,
        person=store_credits.c.person_id,
        read=lambda profile: profile.credits,
        at=lambda credit: credit.told_at,
        reads=reads("credits"),
        says="have {count}{balance}{currency}",
        row="store credit account",
        says_row=lambda credit: f"store credit in {credit.currency}",
        parameters=by_name(
            (
                Parameter(
                    "balance",
                    Kind.AMOUNT,
                    column(store_credits.c.balance),
                    lambda credit: credit.balance,
                    says=" with a balance of {words}",
                ),
                Parameter(
                    "currency",
                    _CURRENCY,
                    column(store_credits.c.currency),
                    lambda credit: credit.currency,
                    says=" in {words}",
                ),
                Parameter(
                    "count",
                    Kind.INTEGER,
                    column(func.count()),
                    len,
                    says="{words}",
                    absent="a store credit account",
                    unit="store credit account",
                    total=True,
                ),
            )
        ),
    ),
)
