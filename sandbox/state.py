"""What the sandbox remembers: one SQLite file. Read this page and you know the pretend store.

Money is in pence, instants are UTC text (sandbox/instants.py), lists are JSON.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Db: TypeAlias = sqlite3.Connection

SCHEMA = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS customers (
    id INTEGER PRIMARY KEY, first_name TEXT NOT NULL, last_name TEXT NOT NULL, email TEXT NOT NULL,
    countries TEXT NOT NULL, tags TEXT NOT NULL DEFAULT '[]',
    orders INTEGER NOT NULL DEFAULT 0, spent INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS consents (
    customer_id INTEGER NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (customer_id, channel));

CREATE TABLE IF NOT EXISTS products (
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, title TEXT NOT NULL, handle TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, tags TEXT NOT NULL, price INTEGER NOT NULL, sold INTEGER NOT NULL, stock INTEGER NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS products_by_kind ON products (kind, sold);

CREATE TABLE IF NOT EXISTS collections (
    id INTEGER PRIMARY KEY, handle TEXT NOT NULL, title TEXT NOT NULL, kind TEXT, members TEXT NOT NULL DEFAULT '[]',
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS orders (
    id INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, customer_id INTEGER, country TEXT NOT NULL, email TEXT,
    lines TEXT NOT NULL, total INTEGER NOT NULL, refunded INTEGER NOT NULL DEFAULT 0,
    cart_token TEXT, checkout_token TEXT UNIQUE, landing_site TEXT, fulfilled INTEGER NOT NULL DEFAULT 1,
    placed_at TEXT NOT NULL, updated_at TEXT NOT NULL, cancelled_at TEXT);
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer_id, placed_at);

CREATE TABLE IF NOT EXISTS refunds (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, number TEXT NOT NULL, code TEXT NOT NULL,
    quantity INTEGER NOT NULL, amount INTEGER NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS refunds_by_order ON refunds (order_id);

CREATE TABLE IF NOT EXISTS fulfillments (
    id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL UNIQUE, tracking_number TEXT NOT NULL, shipment_status TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS carts (
    token TEXT PRIMARY KEY, lines TEXT NOT NULL, attributes TEXT NOT NULL DEFAULT '{}', note TEXT, checkout_token TEXT,
    ordered INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS tokens (
    access TEXT PRIMARY KEY, refresh TEXT NOT NULL, expires_at TEXT NOT NULL, refresh_until TEXT NOT NULL,
    state TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS granted (access TEXT PRIMARY KEY, scopes TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS bulk (
    id INTEGER PRIMARY KEY, query TEXT NOT NULL, status TEXT NOT NULL, error TEXT, objects INTEGER NOT NULL DEFAULT 0,
    roots INTEGER NOT NULL DEFAULT 0, size INTEGER, created_at TEXT NOT NULL, completed_at TEXT);

CREATE TABLE IF NOT EXISTS charges (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, handle TEXT, amount INTEGER NOT NULL,
    trial_days INTEGER NOT NULL, test INTEGER NOT NULL, back TEXT NOT NULL, status TEXT NOT NULL, period_end TEXT,
    next_handle TEXT, ends INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, updated_at TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, webhook_id TEXT NOT NULL, topic TEXT NOT NULL, uri TEXT NOT NULL, body BLOB NOT NULL,
    headers TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL, answer TEXT, created_at TEXT NOT NULL, delivered_at TEXT);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (state, due);

CREATE TABLE IF NOT EXISTS robots (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, private BLOB NOT NULL, p256dh TEXT NOT NULL, auth TEXT NOT NULL,
    server_key TEXT NOT NULL, answers TEXT NOT NULL DEFAULT '[]', online INTEGER NOT NULL DEFAULT 1, notes TEXT);

CREATE TABLE IF NOT EXISTS pushes (
    id INTEGER PRIMARY KEY, token TEXT NOT NULL, status INTEGER NOT NULL, reason TEXT NOT NULL, topic TEXT, ttl INTEGER,
    urgency TEXT, message TEXT, state TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS pushes_by_token ON pushes (token, topic);
"""


LATER_COLUMNS = (
    ("carts", "customer_id INTEGER"),
    ("bulk", "grouped INTEGER NOT NULL DEFAULT 0"),
    ("customers", "metafields TEXT NOT NULL DEFAULT '[]'"),
    ("customers", "credit INTEGER NOT NULL DEFAULT 0"),
    ("orders", "source TEXT NOT NULL DEFAULT 'web'"),
    ("orders", "discounts TEXT NOT NULL DEFAULT '[]'"),
)
"""What an older file does not have yet."""
VIEWS = """
CREATE VIEW IF NOT EXISTS checkouts AS
SELECT carts.rowid AS id, carts.token, carts.lines, carts.checkout_token, carts.created_at, carts.updated_at,
       coalesce(orders.customer_id, carts.customer_id) AS customer_id, orders.placed_at AS completed_at
FROM carts LEFT JOIN orders ON orders.checkout_token = carts.checkout_token WHERE carts.checkout_token IS NOT NULL;
"""


def open_state(file: Path) -> Db:
    """The state in `file`, made when it is not there. Every statement commits by itself; use `with db` for more."""
    file.parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=30)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")  # a pretend store may lose its last second when the machine falls
    db.executescript(SCHEMA)
    for table, column in LATER_COLUMNS:
        if column.split()[0] not in {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    db.executescript(VIEWS)
    return db


def fact(db: Db, name: str) -> Any:
    """A remembered value, None if there is none."""
    row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return json.loads(row["value"]) if row else None


def remember(db: Db, name: str, value: object) -> None:
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))
