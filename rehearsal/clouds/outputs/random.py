"""What the random provider answers: its arguments obeyed, its values derived instead of drawn.

As in the real provider (terraform-provider-random 3): a given `seed` decides alone, so that two resources of one seed
agree, and the ids of passwords and shuffles are constants.
"""

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rehearsal.clouds.identity import (
    DIGITS,
    Context,
    derived,
    derived_bytes,
    derived_integer,
    derived_uuid,
    seed_of,
)

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOWER = _UPPER.lower()
_SPECIAL = "!@#$%&*()-_=+[]{}<>:?"
_BCRYPT = "./" + _UPPER + _LOWER + DIGITS
_INSTANT_MILLISECONDS: Final = 1_767_225_600_000

_ADVERBS = ("amply", "barely", "calmly", "dearly", "early", "fairly", "gladly", "highly", "justly", "kindly")
_ADJECTIVES = ("able", "brave", "crisp", "deft", "eager", "fresh", "grand", "handy", "ideal", "jolly", "keen", "lucid")
_NAMES = ("adder", "bison", "camel", "dingo", "egret", "ferret", "gecko", "heron", "ibis", "jackal", "koala", "lynx")


class RefusedByProvider(ValueError):
    """The real provider would fail to make the resource."""


def resource_id(token: str, inputs: Mapping[str, Any], context: Context) -> str:
    """Returns the id of a resource of the random provider."""
    return _answer(token, inputs, context)[0]


def outputs(token: str, inputs: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Returns the whole state of a resource of the random provider."""
    return {**inputs, **_answer(token, inputs, context)[1]}


def _answer(token: str, inputs: Mapping[str, Any], context: Context) -> tuple[str, dict[str, Any]]:
    given = inputs.get("seed")
    seed = ("seed", str(given)) if given else seed_of(context, "random")
    return _TYPES[token.rpartition(":")[2]](inputs, seed)


def _bytes(inputs: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    value = derived_bytes(int(inputs["length"]), *seed)
    encoded = base64.b64encode(value).decode()
    return encoded, {"base64": encoded, "hex": value.hex()}


def _id(inputs: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    value = derived_bytes(int(inputs["byteLength"]), *seed)
    prefix = inputs.get("prefix") or ""
    url = base64.urlsafe_b64encode(value).decode().rstrip("=")
    return url, {
        "b64Std": prefix + base64.b64encode(value).decode(),
        "b64Url": prefix + url,
        "dec": f"{prefix}{int.from_bytes(value)}",
        "hex": prefix + value.hex(),
    }


def _integer(inputs: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    low, high = int(inputs["min"]), int(inputs["max"])
    if high < low:
        raise RefusedByProvider(f"min: {low} is greater than max, {high}")
    number = derived_integer(low, high, *seed)
    return str(number), {"result": number}


def _password(inputs: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    _, state = _string(inputs, seed)
    return "none", state | {"bcryptHash": f"$2a$10${derived(_BCRYPT, 53, *seed, 'bcrypt')}"}


def _pet(inputs: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    length, separator = int(inputs.get("length") or 2), inputs.get("separator") or "-"
    lists = [_ADVERBS] * (length - 2) + ([_ADJECTIVES] if length > 1 else []) + [_NAMES]
    words = [_choice(words, *seed, str(place)) for place, words in enumerate(lists)]
    pet = separator.join([*filter(None, [inputs.get("prefix")]), *words])
    return pet, {"length": length, "separator": separator}


def _shuffle(inputs: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    items: list[str] = list(inputs["inputs"])
    wanted = inputs.get("resultCount")
    count = len(items) if wanted is None else int(wanted)
    results: list[str] = []
    while items and len(results) < count:
        results += _permutation(items, *seed, str(len(results)))
    return "-", {"results": results[:count]}


def _string(inputs: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    sets = {"upper": _UPPER, "lower": _LOWER, "numeric": DIGITS, "special": inputs.get("overrideSpecial") or _SPECIAL}
    # `number` is the old name of `numeric`.
    wanted = {name: inputs.get(name, inputs.get("number", True) if name == "numeric" else True) for name in sets}
    least = {name: int(inputs.get(f"min{name.title()}") or 0) for name in sets}
    length = int(inputs["length"])
    alphabet = "".join(characters for name, characters in sets.items() if wanted[name])
    if not alphabet:
        raise RefusedByProvider("upper, lower, numeric, special: one of them has to be true")
    if sum(least.values()) > length:
        raise RefusedByProvider(f"length: {length} is less than the sum of minUpper, minLower, minNumeric, minSpecial")
    characters = "".join(derived(sets[name], least[name], *seed, name) for name in sets)
    characters += derived(alphabet, length - len(characters), *seed, "rest")
    result = "".join(_permutation(list(characters), *seed, "order"))
    flags = {"number" if name == "numeric" else name: value for name, value in wanted.items()}
    minima = {f"min{name.title()}": value for name, value in least.items()}
    return result, {**wanted, **flags, **minima, "result": result}


def _uuid(_: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    value = derived_uuid(*seed)
    return value, {"result": value}


def _uuid7(_: Mapping[str, Any], seed: tuple[str, ...]) -> tuple[str, dict[str, Any]]:
    # RFC 9562: 48 bits of time, the version, 12 random bits; the rest is as in version 4.
    time, random = f"{_INSTANT_MILLISECONDS:012x}", derived_uuid(*seed)
    value = f"{time[:8]}-{time[8:]}-7{random[15:]}"
    return value, {"result": value}


def _choice(words: Sequence[str], *seed: str) -> str:
    return words[derived_integer(0, len(words) - 1, *seed)]


def _permutation(items: Sequence[str], *seed: str) -> list[str]:
    ranks = [derived_bytes(8, *seed, str(place)) for place in range(len(items))]
    return [items[place] for place in sorted(range(len(items)), key=ranks.__getitem__)]


_TYPES: Mapping[str, Callable[[Mapping[str, Any], tuple[str, ...]], tuple[str, dict[str, Any]]]] = {
    "RandomBytes": _bytes,
    "RandomId": _id,
    "RandomInteger": _integer,
    "RandomPassword": _password,
    "RandomPet": _pet,
    "RandomShuffle": _shuffle,
    "RandomString": _string,
    "RandomUuid": _uuid,
    "RandomUuid4": _uuid,
    "RandomUuid7": _uuid7,
}
