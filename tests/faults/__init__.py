"""Faults of every kind under real processes (docs/decisions/0047-faults.md)."""
