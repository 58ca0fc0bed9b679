"""The pretend admin: a frame that looks like Shopify's, with the app in an iframe of another origin."""
