"""The pretend store's own pages: a small theme, a cart, a checkout, accounts, and the app proxy in front of the app."""
