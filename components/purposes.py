"""What the platform's keys are for: one key a purpose, so that a grant for one opens no other."""

from enum import StrEnum
from typing import Final


class KeyPurpose(StrEnum):
    """The purposes that each have a key of their own on each cloud."""

    DATABASE = "database"
    CACHE = "cache"
    OBJECTS = "objects"
    AUDIT = "audit"
    BACKUP = "backup"
    LOGS = "logs"
    SECRETS = "secrets"
    CLUSTER = "cluster"
    MESSAGING = "messaging"
    MANIFEST_SIGNING = "manifest-signing"
    JWT_SIGNING = "jwt-signing"


SIGNING: Final = frozenset({KeyPurpose.MANIFEST_SIGNING, KeyPurpose.JWT_SIGNING})
"""Purposes of key pairs: RSA 3072 with PKCS #1 v1.5 and SHA-256, which JWT calls RS256 (RFC 7518, 3.3).

Neither cloud rotates a key pair: verifiers must learn the new public key first. A new pair is made beside the
old one, published, and only then used.
"""

ROTATION_DAYS: Final = 90
"""Days after which both clouds make a new version of a symmetric key: the shortest that AWS offers."""

DELETION_DAYS: Final = 30
"""Days between the order to destroy a key and its end: the longest that AWS offers."""
