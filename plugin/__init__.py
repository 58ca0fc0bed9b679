"""Beckon: one folder per stage. Data flows right, imports point left; see docs/tour.md."""
