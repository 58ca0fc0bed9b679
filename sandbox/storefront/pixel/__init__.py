"""The app's web pixel on the storefront: its built file in a strict worker, and the standard events of each page."""
