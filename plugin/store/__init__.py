"""The database: SQLite by default, PostgreSQL in production. Core only, and only what both speak."""
