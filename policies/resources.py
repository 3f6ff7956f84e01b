"""Resources as rules see them, and how the resources of one stack refer to each other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from policies.probe import Missing, Probed, Properties, Unknown, Value, probe


@dataclass(frozen=True, kw_only=True, eq=False)
class Resource:
    """One resource.

    Attributes:
        urn: Its URN.
        type: Its type token, such as `aws:s3/bucket:Bucket`.
        properties: What the program asks for (resource rules), or what the provider answers (stack rules).
        property_dependencies: For each top-level property that is made of other resources' outputs, the URNs
            of those resources that are known. Resource rules see none.
        provider: URN of its provider; empty where it has none.
    """

    urn: str
    type: str
    properties: Properties
    property_dependencies: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    provider: str = ""

    @property
    def name(self) -> str:
        """The name that the program gave it."""
        return self.urn.rpartition("::")[2]

    def probe(self, path: str) -> Probed:
        """Reads one property; see `policies.probe.probe`."""
        return probe(self.properties, path)

    def probe_set(self, path: str) -> Probed:
        """Reads one property of a stack rule's resource as the program set it.

        A provider answers with properties of its own making too; while these are unknown they look like
        something that the program has set. What it really sets to an unknown is made of another's output.
        """
        found = self.probe(path)
        computed = isinstance(found, Unknown) and _top(path) not in self.property_dependencies
        return Missing(path) if computed else found

    def tag(self, key: str) -> Probed:
        """Reads one tag (AWS) or label (Google Cloud)."""
        tag = self.probe(f'tags["{key}"]')
        return self.probe(f'labels["{key}"]') if isinstance(tag, Missing) else tag


@dataclass(frozen=True)
class Join:
    """The resources at the other end of a reference.

    Attributes:
        found: Those that are certainly there.
        undecided: Those that may be there: their reference is not known before the update.
    """

    found: tuple[Resource, ...]
    undecided: tuple[Resource, ...]


class Stack:
    """All resources of a stack, indexed by type and by what they refer to."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_type: defaultdict[str, list[Resource]] = defaultdict(list)
        self._services: dict[str, str] = {}
        for resource in resources:
            self._by_type[resource.type].append(resource)
            self._services[resource.urn] = _service(resource)
        self._references: dict[tuple[frozenset[str], str], _References] = {}

    def of(self, types: Iterable[str]) -> tuple[Resource, ...]:
        """All resources of these types, by type and then in the stack's order."""
        return tuple(resource for token in sorted(types) for resource in self._by_type.get(token, ()))

    def companions(self, subject: Resource, types: Iterable[str], reference: str) -> Join:
        """The resources of `types` whose `reference` names `subject`: a bucket's encryption."""
        key = (frozenset(types), reference)
        if key not in self._references:
            self._references[key] = _References(self.of(types), reference, self._services)
        return self._references[key].to(subject)

    def referred(self, subject: Resource, reference: str, types: Iterable[str]) -> Join:
        """The resources of `types` that `subject` names in its `reference`: a database's parameters."""
        references = _References((subject,), reference, self._services)
        joins = [(target, references.to(target)) for target in self.of(types)]
        return Join(
            found=tuple(target for target, join in joins if join.found),
            undecided=tuple(target for target, join in joins if join.undecided),
        )


class _References:
    """What one property of some resources refers to.

    A reference that is known names a resource by its identity. One that is not names what it is made of; made
    of nothing of the same service (a random suffix, say) it may name any resource.
    """

    def __init__(self, holders: Iterable[Resource], reference: str, services: Mapping[str, str]) -> None:
        self._by_source: defaultdict[str, list[Resource]] = defaultdict(list)
        self._by_name: defaultdict[str, list[Resource]] = defaultdict(list)
        self._unknown: list[tuple[Resource, frozenset[str]]] = []
        top = _top(reference)
        for holder in holders:
            sources = holder.property_dependencies.get(top, frozenset())
            for urn in sources:
                self._by_source[urn].append(holder)
            match holder.probe(reference):
                case Value(value=str(name)) if name:
                    self._by_name[name].append(holder)
                case Unknown():
                    self._unknown.append((holder, frozenset(services.get(urn, "") for urn in sources)))
                case _:
                    pass

    def to(self, target: Resource) -> Join:
        """Those that name `target`, and those that may."""
        names = [found.value for found in map(target.probe, _IDENTITIES) if isinstance(found, Value)]
        found = dict.fromkeys(self._by_source.get(target.urn, ()))
        for name in names:
            found |= dict.fromkeys(self._by_name.get(str(name), ()))
        service = _service(target)
        undecided = [holder for holder, services in self._unknown if service not in services]
        if not names:
            undecided += [holder for holders in self._by_name.values() for holder in holders]
        return Join(tuple(found), tuple(holder for holder in undecided if holder not in found))


# The properties that others refer to a resource by.
_IDENTITIES: Final = ("id", "arn", "bucket", "name", "identifier", "selfLink")


def _service(resource: Resource) -> str:
    return resource.type.partition("/")[0]


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
