"""Nodes of Shopify's Admin API become events, a file a subject: pure, like the parsers of webhooks."""
