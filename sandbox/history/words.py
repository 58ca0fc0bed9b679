"""What the words of a description tell: a title, a product type, tags. Modest on purpose: words, no cleverness."""

# ruff: noqa: E501  lists of words

from __future__ import annotations

import functools
import re

TYPES: list[tuple[str, str]] = [
    ("Christmas", r"CHRISTMAS|XMAS|ADVENT|REINDEER|SANTA|SNOWFLAKE|NOEL|ANGEL"),
    ("Bags", r"BAGS?|SHOPPER|PURSE|RUCKSACK|SUITCASE|WASHBAG|TOTE"),
    ("Candles & light", r"T-?LIGHTS?|CANDLES?|LANTERNS?|LIGHTS?|LAMP|NIGHT"),
    ("Jewellery", r"NECKLACE|BRACELET|EARRINGS?|BROOCH|RING|PENDANT|BANGLE|HAIR"),
    ("Kitchen & table", r"MUGS?|CUPS?|TEA|TEAPOT|CAKE|CAKESTAND|BAKING|JAR|BOWL|PLATES?|APRON|LUNCH|JAM|EGG|SPOONS?|KITCHEN|"
     r"COFFEE|BISCUIT|RECIPE|TINS?|BOTTLE|JUG|NAPKINS?|TRAY|COASTERS?|SNACK"),
    ("Party", r"PARTY|BUNTING|BALLOONS?|STRAWS|CONFETTI|INVITES|PICNIC|DOILY|DOILIES|DOILEY|CASES"),
    ("Stationery", r"NOTEBOOK|CARDS?|PENCILS?|PENS?|PAPER|WRAP|JOURNAL|STICKERS?|ERASERS?|CHALK|MAGNETS?|TAPE|RIBBONS?|CALENDAR|DIARY"),
    ("Children", r"CHILDRENS?|CHILDS?|KIDS?|DOLLY|DOLLS?|TOYS?|PUZZLE|GAMES?|SOLDIER|CIRCUS|DINOSAUR|SPACEBOY|GIRLS?|BOYS?"),
    ("Garden", r"GARDEN|PLANT|BIRD|WATERING|FLOWERS?|POTS?|PARASOL|BUTTERFLY|BEACH|TROWEL"),
    ("Home", r"FRAMES?|SIGN|CLOCK|CUSHION|DOORMAT|DOORSTOP|HOOKS?|HANGER|DRAWER|CABINET|MIRROR|BOX|BOXES|HOTTIE|WARMER|BLANKET|"
     r"HEARTS?|BASKET|STOOL|SHELF|METAL|WOODEN|HOLDER|RACK|KNOB"),
]  # fmt: skip
"""The first that fits: `CHRISTMAS TREE T-LIGHT HOLDER` is Christmas."""

OTHER = "Gifts"

COLOURS = {
    "red": "#c2413b",
    "pink": "#e58aa5",
    "blue": "#5b86b8",
    "green": "#6f9a6b",
    "white": "#e9e3d8",
    "ivory": "#efe6d0",
    "cream": "#f0e4c8",
    "black": "#45414a",
    "purple": "#8a6ca8",
    "yellow": "#e3b94c",
    "orange": "#dd8a4b",
    "silver": "#b9bec6",
    "gold": "#c9a24e",
    "turquoise": "#55a7a6",
    "brown": "#93704f",
    "grey": "#8d9299",
}

MOTIFS = ["retrospot", "polkadot", "heart", "rose", "vintage", "union jack", "strawberry", "woodland", "paisley", "regency", "skull",
          "spaceboy", "babushka", "owl", "star", "daisy", "alphabet", "zinc", "gingham", "hanging"]  # fmt: skip

SMALL = frozenset({"a", "and", "at", "by", "for", "in", "of", "on", "the", "to", "with"})


@functools.lru_cache(20_000)
def title_of(description: str) -> str:
    """Shouted descriptions in a voice that a shop can use: `White Hanging Heart T-Light Holder`."""
    words = description.strip(" .,").split()
    if not description.isupper():
        return " ".join(words)
    spoken = [word.lower() if word.lower() in SMALL and place else _capital(word) for place, word in enumerate(words)]
    return " ".join(spoken)


def type_of(description: str) -> str:
    upper = description.upper()
    return next((name for name, pattern in TYPES if re.search(rf"\b({pattern})\b", upper)), OTHER)


def tags_of(description: str) -> list[str]:
    """Its colours and motifs, and `set` for things that come together."""
    lower = description.lower()
    tags = [colour for colour in COLOURS if re.search(rf"\b{colour}\b", lower)]
    tags += [motif for motif in MOTIFS if motif in lower]
    return tags + (["set"] if re.search(r"\b(set|pack) ?(of)?\b", lower) else [])


def handle_of(title: str, code: str) -> str:
    """`white-hanging-heart-t-light-holder-85123a`: unique by the caller's check, readable."""
    return re.sub(r"[^a-z0-9]+", "-", f"{title} {code}".lower().replace("'", "")).strip("-")


def _capital(word: str) -> str:
    return re.sub(r"(^|[-/(+])([a-z])", lambda found: found[1] + found[2].upper(), word.lower())
