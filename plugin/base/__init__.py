"""What every room may lean on: settings, the clock, errors. Imports nothing of Beckon."""
