"""Certificates as text: shaped like real ones, and no one's."""

import base64
import textwrap

from rehearsal.clouds.identity import derived_bytes

_SIZE = 812  # bytes of an RSA-2048 certificate with two names


def certificate(*seed: str) -> str:
    """Returns a certificate in PEM, decided by the seed alone; its content is made up and proves nothing."""
    # The first bytes say "a sequence of that many bytes", as every certificate's do.
    body = b"\x30\x82" + (_SIZE - 4).to_bytes(2) + derived_bytes(_SIZE - 4, *seed)
    lines = "\n".join(textwrap.wrap(base64.b64encode(body).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def encoded_certificate(*seed: str) -> str:
    """Returns the same in Base64, as kubeconfigs hold it."""
    return base64.b64encode(certificate(*seed).encode()).decode()
