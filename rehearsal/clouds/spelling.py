"""The nearest right name for a wrong one, for error messages."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

# Below this similarity (0 to 100) a guess misleads more often than it helps: `tags` for `size` scores 50.
_SIMILAR = 65


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Returns `, did you mean `…`?` with the candidate most like a name, or nothing if none is like it."""
    nearest = most_like(name, candidates)
    return f", did you mean `{nearest}`?" if nearest else ""


def most_like(name: str, candidates: Iterable[str]) -> str | None:
    """Returns the candidate most like a name, whatever its case and separators, or nothing if none is like it."""
    found = process.extractOne(name, list(candidates), scorer=fuzz.ratio, processor=_bare, score_cutoff=_SIMILAR)
    return found[0] if found else None


def _bare(name: str) -> str:
    return utils.default_process(name).replace("_", "").replace(" ", "")
