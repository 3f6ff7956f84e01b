"""The folder that keeps finished engines: what is in it is whole, however a run before this one ended."""

import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

from rehearsal.progress import Progress

_STAGING = ".staging-"


class Cache:
    """A folder of finished folders, each put in place in one move; one run at a time adds to it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of_user(cls) -> "Cache":
        """The cache of whoever runs this: ``~/.cache/covenant`` on Linux, wherever XDG_CACHE_HOME points."""
        return cls(platformdirs.user_cache_path("covenant"))

    @contextmanager
    def exclusive(self, progress: Progress) -> Generator[Path]:
        """Gives a folder to work in, on the cache's file system, while no other run adds to the cache.

        The lock ends with the process that holds it, so what a killed run leaves behind is removed here.

        Raises:
            OSError: The cache's folder can't be written.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            with progress.step("Another run is building the engine, waiting"):
                lock.acquire()
        try:
            for left_over in self.root.glob(f"{_STAGING}*"):
                shutil.rmtree(left_over, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix=_STAGING, dir=self.root) as staging:
                yield Path(staging)
        finally:
            lock.release()

    def publish(self, staged: Path, key: str) -> Path:
        """Moves a finished folder to ``key``, in place of one that proved broken. Needs `exclusive`."""
        target = self.root / key
        if target.exists():
            shutil.rmtree(target)
        return staged.replace(target)
