"""The engine from the vendor's release archive, whose checksum is pinned."""

import hashlib
import os
import re
import shutil
import tarfile
from pathlib import Path

import requests

from rehearsal.engine.executable import UnusableError
from rehearsal.engine.pin import Pin
from rehearsal.progress import Progress, Step

_VENDOR = "https://get.pulumi.com/releases/sdk"
# Machines without the internet should move on at once; a slow connection may pause.
_CONNECT_SECONDS, _READ_SECONDS = 3, 60
_CHUNK_BYTES = 1 << 20
# The archive holds language plugins too. They are left out: an engine behaves the same however it came.
_MEMBER = "pulumi/pulumi"


def url(pin: Pin) -> str:
    """Returns the archive's address: at the vendor's, or in the mirror that the environment names."""
    folder = os.environ.get("COVENANT_PULUMI_DOWNLOADS") or _VENDOR
    return f"{folder.rstrip('/')}/{pin.archive}"


def shown_url(pin: Pin) -> str:
    """Returns the address for messages: a mirror's may hold a name and a password."""
    return re.sub(r"//[^/]*@", "//", url(pin))


def download(pin: Pin, folder: Path, progress: Progress) -> Path:
    """Downloads the archive and returns the ``pulumi`` from it, in ``folder``.

    Raises:
        UnusableError: No checksum is pinned for this machine, the archive can't be fetched, or it is not the
            pinned one; then nothing of it has been opened.
    """
    expected = pin.checksums.get(pin.archive)
    if expected is None:
        raise UnusableError(f"no checksum is pinned for {pin.archive} in tools/engine/checksums.txt")
    archive = folder / pin.archive
    with progress.step(f"Downloading Pulumi {pin.version}") as step:
        checksum = _fetch(url(pin), archive, step)
    if checksum != expected:
        raise UnusableError(f"refused, its sha256 is {checksum} where {expected} is pinned")
    engine = _extract(archive, folder / "pulumi")
    archive.unlink()
    return engine


def _fetch(address: str, target: Path, step: Step) -> str:
    """Writes what is at ``address`` to ``target`` and returns its sha256."""
    sha256 = hashlib.sha256()
    try:
        with requests.get(address, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)) as response:
            if not response.ok:
                raise UnusableError(f"answers {response.status_code} {response.reason}")
            size = int(response.headers.get("Content-Length", 0))
            with target.open("wb") as file:
                for chunk in response.iter_content(_CHUNK_BYTES):
                    file.write(chunk)
                    sha256.update(chunk)
                    step.update(f"{file.tell() >> 20} of {size >> 20 or '?'} MiB")
    except requests.Timeout as error:
        raise UnusableError("gives no answer") from error
    except requests.RequestException as error:
        # The library's own text is a chain of internals; its kind says what matters: ProxyError, SSLError …
        raise UnusableError(f"can't be reached ({type(error).__name__})") from error
    return sha256.hexdigest()


def _extract(archive: Path, target: Path) -> Path:
    with tarfile.open(archive, "r:gz") as members:
        member = next((member for member in members if member.name == _MEMBER and member.isfile()), None)
        executable = members.extractfile(member) if member else None
        if executable is None:
            raise UnusableError(f"it holds no file {_MEMBER}")
        with executable, target.open("wb") as file:
            shutil.copyfileobj(executable, file)
    target.chmod(0o755)
    return target
