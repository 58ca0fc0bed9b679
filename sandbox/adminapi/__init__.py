"""The pretend Admin API: token exchange, GraphQL, bulk operations."""
