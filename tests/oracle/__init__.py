"""A second reader of segments, written from docs/segments.md alone: it shares no line with the product.

`reading.py` makes a tree of a query, `judge.py` answers it for plain rows (dicts, as SELECT * gives them), slowly and
obviously. `wording.py` and `stores.py` invent queries and stores. Where the two readers disagree, one of three is
wrong: the product, this one, or the reference. docs/decisions/0044-the-oracle.md keeps the list.
"""
