"""The merchant's segments at the pretend Shopify: their language, read anew, and who is in them.

Written from Shopify's reference of the language alone (https://shopify.dev/docs/api/shopifyql/segment-query-language-reference)
and knowing nothing of the app's reading of it: a second opinion, over the sandbox's own books.
"""
