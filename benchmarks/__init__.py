"""Measured work as code: `python -m benchmarks.NAME`."""
