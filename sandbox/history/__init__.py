"""A real store's order history (Online Retail, CSV) as the sandbox store's customers, products, orders and refunds."""
