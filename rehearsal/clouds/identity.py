"""Made-up values that are the same on every machine: ids, random-looking parts of names, addresses.

Whatever looks random in the stand-in clouds derives from a SHA-256 over where the resource lives, which resource
it is and what the value is for. So the same program always gives the same state, two resources never share an id,
and another stack, account or region gives other ids. There is no clock: all that happened, happened at `INSTANT`.
"""

import hashlib
import re
import string
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

INSTANT = "2026-01-01T00:00:00Z"
"""When everything in the stand-in clouds was made, in RFC 3339."""

HEX = "0123456789abcdef"
DIGITS = string.digits
LOWER_ALPHANUMERIC = string.ascii_lowercase + string.digits
UPPER_ALPHANUMERIC = string.ascii_uppercase + string.digits
BASE32 = string.ascii_uppercase + "234567"

_GENERATION = re.compile(r"#\d+$")


@dataclass(frozen=True, kw_only=True)
class Context:
    """Where a resource lives and which one it is.

    Attributes:
        provider: "aws", "gcp", "kubernetes" or "random".
        urn: The resource's URN, empty for an invoke. A resource that replaces another of the same URN carries
            its generation after a `#`, so that it gets ids of its own.
        project: The Pulumi project.
        stack: The Pulumi stack.
        region: The provider's region; may be empty for gcp.
        account: The AWS account id or the GCP project id.
        project_number: The GCP project's number; derived from the project id where it is not given.
        default_tags: The provider's default tags (aws) or default labels (gcp).
    """

    provider: str
    urn: str
    project: str
    stack: str
    region: str
    account: str
    project_number: str = ""
    default_tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def logical_name(self) -> str:
        """The name that the program gave the resource."""
        return _GENERATION.sub("", self.urn).rpartition("::")[2]

    @property
    def number(self) -> str:
        """The GCP project's number: 12 digits."""
        return self.project_number or derived_digits(12, "gcp-project-number", self.account)


def derived(alphabet: Sequence[str], length: int, *seed: str) -> str:
    """Returns `length` characters of the alphabet, decided by the seed alone."""
    number = int.from_bytes(derived_bytes(length * 2 + 8, *seed))
    characters: list[str] = []
    for _ in range(length):
        number, index = divmod(number, len(alphabet))
        characters.append(alphabet[index])
    return "".join(characters)


def derived_bytes(length: int, *seed: str) -> bytes:
    """Returns `length` bytes decided by the seed alone."""
    stream = _stream(*seed)
    return bytes(next(stream) for _ in range(length))


def derived_integer(low: int, high: int, *seed: str) -> int:
    """Returns a whole number from `low` to `high`, both included, decided by the seed alone."""
    return low + int.from_bytes(derived_bytes(16, *seed)) % (high - low + 1)


def derived_digits(length: int, *seed: str) -> str:
    """Returns a number of `length` digits as text; the first is never zero."""
    return str(derived_integer(10 ** (length - 1), 10**length - 1, *seed))


def derived_uuid(*seed: str) -> str:
    """Returns a version 4 UUID decided by the seed alone."""
    return str(uuid.UUID(bytes=derived_bytes(16, *seed), version=4))


def seed_of(context: Context, purpose: str) -> tuple[str, ...]:
    """Returns the seed of one made-up value of a resource; `purpose` keeps a resource's values apart."""
    place = (context.provider, context.account, context.region)
    return (*place, context.project, context.stack, context.urn, purpose)


def _stream(*seed: str) -> Iterator[int]:
    # The lengths keep ("ab", "c") and ("a", "bc") apart.
    key = b"".join(len(part.encode()).to_bytes(4) + part.encode() for part in seed)
    block = 0
    while True:
        yield from hashlib.sha256(key + block.to_bytes(4)).digest()
        block += 1
