"""How a text begins is the same question for both databases and for Python."""

from __future__ import annotations

from sqlalchemy import Text, literal, not_, select

from plugin.store.engine import Tx
from plugin.store.upsert import begins

TEXTS = ("", "a", "A", "ab", "aB", "abc", "b", "a%", "a_", "é", "e\u0301", "ß", "ss", "a b", "-a", "\ud7ff", "\ue000")
TEXTS_BEHIND = ("a\U0010ffff", "a\U0010ffffz", "\U0010ffff", "\ud7ffx", "日本", "日")
"""Behind which there is no next letter, or one that is no letter."""


def test_a_text_begins_with_what_python_says(tx: Tx) -> None:
    texts = (*TEXTS, *TEXTS_BEHIND)
    pairs = [(text, beginning) for text in texts for beginning in texts]
    for text, beginning in pairs:
        answer = begins(literal(text, Text), beginning)
        found = tx.execute(select(answer, not_(answer))).one()
        assert (bool(found[0]), bool(found[1])) == (text.startswith(beginning), not text.startswith(beginning))
