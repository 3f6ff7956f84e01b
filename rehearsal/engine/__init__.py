"""The Pulumi engine for a rehearsal, found or made on this machine.

It is looked for in this order: ``pulumi`` on PATH; the user's cache; the vendor's release archive; a build
from Go modules. Versions and checksums are pinned in ``tools/engine``.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from rehearsal.engine import archive, golang
from rehearsal.engine.cache import Cache
from rehearsal.engine.executable import UnusableError, pulumi_on_path, pulumi_version
from rehearsal.engine.pin import Pin, read_pin
from rehearsal.progress import Progress

__all__ = ["EngineUnavailable", "ensure_engine"]


class EngineUnavailable(Exception):
    """No way led to an engine; the text says what was tried, why each failed, and what to do."""

    def __init__(self, pin: Pin, failures: list[str]) -> None:
        tried = "\n".join(f"  - {failure}" for failure in failures)
        super().__init__(
            f"The Pulumi engine {pin.version} is not on this machine and can't be made ready. Tried:\n"
            f"{tried}\n"
            "Any one of these helps:\n"
            f"  - install Pulumi {pin.version} or newer and put it on PATH: https://www.pulumi.com/docs/install/\n"
            f"  - install Go {pin.go} or newer and put it on PATH: https://go.dev/doc/install\n"
            f"  - set COVENANT_PULUMI_DOWNLOADS to an address under which {pin.archive} can be reached"
        )


def ensure_engine(progress: Progress) -> Path:
    """Returns the path of a Pulumi CLI that works, and makes one if there is none.

    Several processes may call this at once: one makes the engine, the others wait for it.

    Args:
        progress: Told of everything that takes a while.

    Raises:
        EngineUnavailable: No way led to an engine.
    """
    pin = read_pin()
    cache = Cache.of_user()
    failures: list[str] = []

    def from_archive(folder: Path) -> Path:
        return archive.download(pin, folder, progress)

    def from_source(folder: Path) -> Path:
        progress.say(f"Not used: {failures[-1]}")
        return golang.build(pin, cache, folder, progress)

    ways: dict[str, Callable[[], Path]] = {
        "`pulumi` on PATH": partial(pulumi_on_path, pin.version),
        f"the cache, {cache.root / pin.key}": partial(_cached, pin, cache),
        f"the vendor's archive, {archive.shown_url(pin)}": partial(_make, pin, cache, progress, from_archive),
        "a build from tools/engine": partial(_make, pin, cache, progress, from_source),
    }
    for way, find in ways.items():
        try:
            return find()
        except UnusableError as error:
            failures.append(f"{way}: {error}")
    raise EngineUnavailable(pin, failures)


def _cached(pin: Pin, cache: Cache) -> Path:
    engine = cache.root / pin.key / "pulumi"
    if not engine.exists():
        raise UnusableError("it holds none yet")
    _require_version(pin, engine)
    return engine


def _make(pin: Pin, cache: Cache, progress: Progress, make: Callable[[Path], Path]) -> Path:
    try:
        with cache.exclusive(progress) as staging:
            with suppress(UnusableError):
                return _cached(pin, cache)  # another run made it while this one waited
            folder = staging / pin.key
            folder.mkdir()
            engine = make(folder)
            _require_version(pin, engine)
            return cache.publish(folder, pin.key) / engine.name
    except OSError as error:
        raise UnusableError(f"{error}; XDG_CACHE_HOME can name another folder than {cache.root.parent}") from error


def _require_version(pin: Pin, engine: Path) -> None:
    version = pulumi_version(engine)
    if version != pin.version:
        raise UnusableError(f"{engine} is {version} instead of {pin.version}")
