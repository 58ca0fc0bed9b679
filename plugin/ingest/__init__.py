"""What arrived: events in our words, the inbox of raw webhooks, the backfill of a store's history."""
