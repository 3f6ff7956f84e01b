"""Exported states, as `pulumi stack export` prints them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from policies.probe import Properties
from policies.resources import Resource


class StateError(ValueError):
    """The state is malformed. The message names the place, never a value: it may be a secret."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, hide_input_in_errors=True)


class StateResource(_Model):
    """One resource of an exported state."""

    urn: str
    type: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    outputs: dict[str, Any] = Field(default_factory=dict)
    id: str = ""
    provider: str = ""
    property_dependencies: dict[str, list[str] | None] = Field(default_factory=dict)
    delete: bool = False

    def asked(self) -> Resource:
        """The resource as the program asks for it, which is what resource rules see."""
        return self._resource(self.inputs)

    def answered(self) -> Resource:
        """The resource as the provider answers, which is what stack rules see."""
        return self._resource((self.outputs or self.inputs) | ({"id": self.id} if self.id else {}))

    def _resource(self, properties: Properties) -> Resource:
        return Resource(
            urn=self.urn,
            type=self.type,
            properties=properties,
            property_dependencies={name: frozenset(urns) for name, urns in self.property_dependencies.items() if urns},
            # A reference to a provider is its URN and its id.
            provider=self.provider.rpartition("::")[0],
        )


class _Deployment(_Model):
    resources: list[StateResource] = Field(default_factory=list[StateResource])


class _Export(_Model):
    deployment: _Deployment


_RESOURCES = TypeAdapter(list[StateResource])


def read(state: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> list[StateResource]:
    """Reads the resources of an exported state, or of the list of resources inside one.

    Resources that only wait for their deletion are left out.

    Raises:
        StateError: It is neither.
    """
    try:
        if isinstance(state, Mapping):
            resources = _Export.model_validate(state).deployment.resources
        else:
            resources = _RESOURCES.validate_python(state)
    except ValidationError as error:
        flaw = error.errors(include_input=False)[0]
        place = ".".join(map(str, flaw["loc"])) or "the state"
        raise StateError(f"not a state as `pulumi stack export` prints it: {place}: {flaw['msg']}") from None
    return [resource for resource in resources if not resource.delete]
