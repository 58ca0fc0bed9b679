"""Webhooks: what happened in the pretend store, told to the app as Shopify tells it."""
