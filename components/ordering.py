"""Values that wait: what a component offers must not be usable before it works."""

from collections.abc import Sequence

import pulumi


def after(value: pulumi.Input[str], *resources: pulumi.CustomResource) -> pulumi.Output[str]:
    """The value, known only once the resources exist.

    A key's name, say, is handed out after the grants that let a service use the key. Whoever takes the value
    then waits for the grants without having to name them, which `depends_on` would ask for.
    """
    return pulumi.Output.all(value, *(resource.id for resource in resources)).apply(_first)


def _first(values: Sequence[str]) -> str:
    return values[0]
