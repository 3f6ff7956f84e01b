"""How the SDKs spell what Terraform's providers call their properties and resource types."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

# Ending and what stands in its place; the first that fits.
_PLURALS = (
    ("ies", "y"),
    ("ndices", "ndex"),
    ("sses", "ss"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("xes", "x"),
    ("ss", "ss"),
    ("s", ""),
)


def camel_case(name: str) -> str:
    """Returns `vpcSecurityGroupIds` for `vpc_security_group_ids`."""
    head, *tail = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in tail)


def singular(name: str) -> str:
    """Returns a name without the plural ending that the SDKs give to lists and take from single blocks."""
    for ending, replacement in _PLURALS:
        if name.endswith(ending):
            return name.removesuffix(ending) + replacement
    return name


def pair(terraform: Iterable[str], sdk: Iterable[str], renamed: Mapping[str, str]) -> dict[str, str]:
    """Returns the SDK's names of those Terraform properties that it has: renamed, as spelt, or in the other number."""
    known = set(sdk)
    numbers = {singular(name): name for name in sorted(known)}
    pairs: dict[str, str] = {}
    for name in terraform:
        spelt = renamed.get(name, camel_case(name))
        found = spelt if spelt in known else numbers.get(singular(spelt))
        if found is not None:
            pairs[name] = found
    return pairs


@dataclass(frozen=True)
class Tokens:
    """Which Terraform resource stands behind a token.

    Attributes:
        resources: The names of all Terraform resources.
        provider: Their prefix, such as `aws_`.
        modules: What Terraform's provider calls a module of the SDK, where it isn't the same.
        types: Tokens whose resource's name differs by more than spelling.
    """

    resources: frozenset[str]
    provider: str
    modules: Mapping[str, str] = field(default_factory=dict[str, str])
    types: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def _by_letters(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for resource in sorted(self.resources):
            found[_letters(resource)] = (*found.get(_letters(resource), ()), resource)
        return found

    def candidates(self, token: str) -> tuple[str, ...]:
        """Returns the Terraform resources that a token can stand for by its name, the best first."""
        if token in self.types:
            return (self.types[token],) if self.types[token] in self.resources else ()
        _, path, name = token.split(":")
        module = path.partition("/")[0]
        own, plain = _letters(module), _letters(name)
        modules = (own, _letters(self.modules.get(module, module)), "", "ec2", "vpc")
        spelt = [_letters(self.provider) + each + plain for each in modules]
        return tuple(dict.fromkeys(found for letters in spelt for found in self._by_letters.get(letters, ())))


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
