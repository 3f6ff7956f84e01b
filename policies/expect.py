"""The vocabulary of rules: what a property should be, and what to say where it isn't.

Values come to a message only where they are numbers or booleans: a string may be a secret.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sized
from dataclasses import replace

from policies.probe import Missing, Probed, Unknown, Value, holds
from policies.resources import Resource
from policies.rule import CannotTellYet, Finding, NotApplicable, Violation

Scalar = bool | int | float | str


def present(resource: Resource, path: str) -> Iterator[Finding]:
    """The property is set; an unknown one is."""
    if is_absent(resource.probe(path)):
        yield Violation(path, "is not set")


def customer_key(resource: Resource, path: str) -> Iterator[Finding]:
    """The property names a key of our own: one is set, and it isn't the service's own key (`alias/aws/…`)."""
    yield from present(resource, path)
    found = resource.probe(path)
    if isinstance(found, Value) and "alias/aws/" in str(found.value):
        yield Violation(path, "is AWS's own key, not a customer-managed one")


def equal(resource: Resource, path: str, expected: Scalar, *, default: Scalar | None = None) -> Iterator[Finding]:
    """The property has this value, or the provider assumes it by `default`."""
    yield from one_of(resource, path, (expected,), default=default)


def one_of(
    resource: Resource, path: str, allowed: Collection[Scalar], *, default: Scalar | None = None
) -> Iterator[Finding]:
    """The property has one of these values, or the provider assumes one of them by `default`."""
    found = resource.probe(path)
    effective = _effective(found, default)
    if isinstance(effective, Unknown):
        yield CannotTellYet(effective.path)
    elif not holds(effective, *allowed):
        yield Violation(path, f"must be {' or '.join(map(show, allowed))}{_instead(found, default)}")


def at_least(resource: Resource, path: str, minimum: float, *, default: float | None = None) -> Iterator[Finding]:
    """The property is a number of at least `minimum`, or the provider assumes one by `default`."""
    yield from _number(resource, path, lambda n: n >= minimum, f"at least {show(minimum)}", default=default)


def at_most(resource: Resource, path: str, maximum: float, *, default: float | None = None) -> Iterator[Finding]:
    """The property is a number of at most `maximum`, or the provider assumes one by `default`."""
    yield from _number(resource, path, lambda n: n <= maximum, f"at most {show(maximum)}", default=default)


def while_known(gate: Probed, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings that `gate` may exempt a resource from: while it is unknown, there is no violation."""
    collected = tuple(findings)
    if isinstance(gate, Unknown) and any(isinstance(finding, Violation) for finding in collected):
        yield CannotTellYet(gate.path)
    else:
        yield from collected


def on(companion: Resource, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings on a companion, said of the resource that it belongs to."""
    for finding in findings:
        yield (
            finding
            if isinstance(finding, NotApplicable)
            else replace(finding, path=f"{companion.name}: {finding.path}")
        )


def is_absent(found: Probed) -> bool:
    """Whether nothing is set: providers answer with empty strings, lists and maps for that too."""
    match found:
        case Value(value=value):
            return isinstance(value, Sized) and len(value) == 0
        case Unknown():
            return False
        case Missing():
            return True


def show(value: Scalar) -> str:
    """A value as messages show it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(
    resource: Resource, path: str, fits: Callable[[float], bool], wanted: str, *, default: float | None
) -> Iterator[Finding]:
    found = resource.probe(path)
    match _effective(found, default):
        case Unknown(path=unknown):
            yield CannotTellYet(unknown)
        case Value(value=int() | float() as number) if not isinstance(number, bool) and fits(number):
            pass
        case _:
            yield Violation(path, f"must be {wanted}{_instead(found, default)}")


def _effective(found: Probed, default: Scalar | None) -> Probed:
    return Value(found.path, default) if isinstance(found, Missing) and default is not None else found


def _instead(found: Probed, default: Scalar | None) -> str:
    match found:
        case Value(value=bool() | int() | float() as value):
            return f", but is {show(value)}"
        case Value():
            return ", but is something else"
        case _:
            return ", but is not set" + ("" if default is None else f" (the provider assumes {show(default)})")
