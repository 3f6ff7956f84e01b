"""Resources as rules see them, and how the resources of one stack refer to each other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policies.probe import Missing, Probed, Properties, Unknown, Value, holds, probe


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
    """All resources of a stack, indexed by type."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._by_type: defaultdict[str, list[Resource]] = defaultdict(list)
        self._types: dict[str, str] = {}
        for resource in resources:
            self._by_type[resource.type].append(resource)
            self._types[resource.urn] = resource.type

    def of(self, types: Iterable[str]) -> tuple[Resource, ...]:
        """All resources of these types, by type and then in the stack's order."""
        return tuple(resource for token in sorted(types) for resource in self._by_type.get(token, ()))

    def companions(self, subject: Resource, types: Iterable[str], reference: str) -> Join:
        """The resources of `types` whose `reference` names `subject`: a bucket's encryption."""
        return _join((holder, self._refers(holder, reference, subject)) for holder in self.of(types))

    def referred(self, subject: Resource, reference: str, types: Iterable[str]) -> Join:
        """The resources of `types` that `subject` names in its `reference`: a database's parameters."""
        return _join((target, self._refers(subject, reference, target)) for target in self.of(types))

    def _refers(self, holder: Resource, reference: str, target: Resource) -> bool | None:
        """Whether `holder` names `target` in its property `reference`; None while that can't be told."""
        sources = holder.property_dependencies.get(_top(reference), frozenset())
        if target.urn in sources:
            return True
        match holder.probe(reference):
            case Value(value=name):
                identities = [target.probe(identity) for identity in _IDENTITIES]
                if any(holds(identity, name) for identity in identities):
                    return True
                return False if any(isinstance(identity, Value) for identity in identities) else None
            case Unknown():
                # Made of another resource of the same service it names that one; made of, say, a random suffix
                # it may name any.
                service = target.type.partition("/")[0]
                return False if any(self._types.get(urn, "").startswith(f"{service}/") for urn in sources) else None
            case Missing():
                return False


# The properties that others refer to a resource by.
_IDENTITIES = ("id", "arn", "bucket", "name", "identifier", "selfLink")


def _join(answers: Iterable[tuple[Resource, bool | None]]) -> Join:
    known = tuple(answers)
    return Join(
        found=tuple(resource for resource, refers in known if refers),
        undecided=tuple(resource for resource, refers in known if refers is None),
    )


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]
