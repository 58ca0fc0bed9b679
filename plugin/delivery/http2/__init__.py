"""Our own sender for HTTP/2 (RFC 9113): many small POSTs with nearly the same headers (docs/decisions/0048).

`frames` and `headers` are the bytes, `connection` is one conversation without a network, `dial` and `wire` are the
network under it, `pool` keeps wires between batches, `flight` sends a batch.
"""
