"""How the pretend Shopify takes money for the app: the Partner Dashboard's plans, charges, and pages to choose on."""
