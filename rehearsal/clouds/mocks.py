"""The same stand-in tables for unit tests: Pulumi mocks that refuse what the rehearsal refuses."""

from dataclasses import dataclass
from typing import Any, Final

from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks

from rehearsal.clouds import checks, defaults, invokes, outputs, wire
from rehearsal.clouds.identity import Context
from rehearsal.clouds.location import Location

AWS: Final = Location(package="aws", region="eu-west-1", account="111122223333")
GCP: Final = Location(package="gcp", region="europe-west1", account="covenant-test")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource that a program registered under mocks."""

    token: str
    name: str
    inputs: dict[str, Any]


class StandInMocks(Mocks):
    """Answers like the stand-in clouds, and keeps what was registered in `resources`.

    Args:
        aws, gcp: where resources of the two clouds live.
    """

    def __init__(self, aws: Location = AWS, gcp: Location = GCP) -> None:
        self.resources: list[Resource] = []
        self._locations = {"aws": aws, "gcp": gcp}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Registers a resource.

        Raises:
            ValueError: the stand-in clouds refuse its inputs.
        """
        self.resources.append(Resource(token=args.typ, name=args.name, inputs=args.inputs))
        package = args.typ.split(":")[0]
        if package in ("pulumi", "covenant"):
            return args.name, args.inputs
        given = wire.plain(args.inputs)
        problems = checks.check(args.typ, given)
        if problems:
            reasons = "; ".join(f"{problem.path}: {problem.reason}" for problem in problems)
            raise ValueError(f"{args.typ} {args.name}: {reasons}")
        context = self._context(package, f"urn:pulumi:test::covenant::{args.typ}::{args.name}")
        inputs = defaults.fill_in(args.typ, given, context)
        identifier = args.resource_id or outputs.resource_id(args.typ, inputs, context)
        return identifier, outputs.computed_outputs(args.typ, inputs, identifier, context)

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        """Answers a data source.

        Raises:
            invokes.InvokeError: it is not known, or its arguments are wrong.
        """
        package = args.token.split(":")[0]
        return invokes.invoke(args.token, args.args, self._context(package, "")), []

    def _context(self, package: str, urn: str) -> Context:
        return self._locations.get(package, Location(package=package)).context(urn, urn)
