"""How much one browser may tell, by the pixel and the script together: counted in the rows that it would fill."""

from __future__ import annotations

from datetime import timedelta

MOST = 600
"""Looks and deeds of one person in `SPAN`; nobody shops faster."""
SPAN = timedelta(hours=1)
