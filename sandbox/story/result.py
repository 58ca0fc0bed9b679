"""How the story ends: a table that a person reads, a file that a machine reads."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sandbox.state import Json

from .reckoning import Reckoning


def show(console: Console, reckoning: Reckoning) -> None:
    """Each number from both sides; what does not agree stands out."""
    table = Table(title="From order to click: what the sandbox saw, and what Beckon reports", title_justify="left")
    table.add_column("")
    table.add_column("Number", overflow="fold")
    table.add_column("Seen", justify="right")
    table.add_column("Reported", justify="right")
    table.add_column("", justify="center")
    for act, checks in groupby(reckoning.checks, key=lambda check: check.act):
        for place, check in enumerate(checks):
            seen, told = (f"{side:,}" if isinstance(side, int) else side for side in (check.seen, check.told))
            mark = "[green]=[/]" if check.told == check.seen else "[green]≥[/]" if check.holds else "[bold red]≠[/]"
            style = None if check.holds else "bold red"
            table.add_row(f"[bold]{act}[/]" if place == 0 else "", check.what, seen, told, mark, style=style)
        table.add_section()
    console.print(table)
    wrong = sum(not check.holds for check in reckoning.checks)
    if wrong:
        console.print(f"[bold red]{wrong} of {len(reckoning.checks)} numbers do not agree.[/]")
    else:
        console.print(f"[bold green]All {len(reckoning.checks)} numbers agree.[/]")


def write(file: Path, record: Json, reckoning: Reckoning, seconds: float) -> None:
    """The result as JSON."""
    told = {
        "adds_up": reckoning.adds_up,
        "seconds": round(seconds, 1),
        "run": record.get("run"),
        "campaign": record.get("campaign"),
        "checks": reckoning.as_json(),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
