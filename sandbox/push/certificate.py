"""The push services' certificate, of an authority of our own that the home keeps: a restart changes nothing."""

from __future__ import annotations

import ssl
from pathlib import Path

import trustme


def issue(ca_file: Path, hosts: list[str]) -> tuple[Path, Path]:
    """Files of the chain and the key for `hosts`, made fresh; the authority in `ca_file` is made once."""
    authority = _authority(ca_file)
    certificate = authority.issue_cert(*hosts)
    chain, key = ca_file.with_name("push-chain.pem"), ca_file.with_name("push-key.pem")
    chain.write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    _write_secret(key, certificate.private_key_pem.bytes())
    return chain, key


def context(chain: Path, key: Path) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(chain, key)
    return tls


def _authority(ca_file: Path) -> trustme.CA:
    key_file = ca_file.with_name("ca-key.pem")
    if ca_file.is_file() and key_file.is_file():
        return trustme.CA.from_pem(ca_file.read_bytes(), key_file.read_bytes())
    authority = trustme.CA()
    ca_file.parent.mkdir(parents=True, exist_ok=True)
    _write_secret(key_file, authority.private_key_pem.bytes())
    ca_file.write_bytes(authority.cert_pem.bytes())
    return authority


def _write_secret(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)
