"""The way to the service: one client for whatever asks it."""

import ssl

import httpx
import truststore

TIMEOUT = 10.0
"""Seconds: longer work is a job of the service's, which is asked about again."""


def new_client() -> httpx.Client:
    """A client that trusts what the system's own store of certificates trusts, which holds a company's own authority as well.

    It follows no redirects: the token goes to the address in the settings and nowhere else.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.Client(timeout=TIMEOUT, follow_redirects=False, verify=context)
