"""`beckon serve`: the web side on gunicorn."""

from __future__ import annotations

import os
import sys

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8100, show_default=True, type=click.IntRange(1, 65535))
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 128), help="Threads in each process.")
def serve(host: str, port: int, processes: int, threads: int) -> None:
    """Serve the panel, the webhooks and the storefront's proxy."""
    words = [
        sys.executable,
        "-m",
        "gunicorn",
        "app:web()",
        "--bind",
        f"{host}:{port}",
        "--workers",
        str(processes),
    ]
    words += ["--worker-class", "gthread", "--threads", str(threads), "--keep-alive", "75", "--timeout", "60"]
    words += ["--graceful-timeout", "10", "--log-level", "warning", "--no-control-socket"]
    os.execv(sys.executable, words)  # noqa: S606  we become the server: signals and exit status are its own
