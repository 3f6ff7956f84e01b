"""The Pulumi program that is rehearsed: its folder, its stacks and their files, checked before anything is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import yaml

_PROJECT: Final = "Pulumi.yaml"

# What the engine writes beside `config:` to decrypt a stack file's secrets. There are none, so there is no use for it.
_SECRETS_PROVIDER_KEYS: Final = ("encryptionsalt", "encryptedkey", "secretsprovider")


class RehearsalError(Exception):
    """A rehearsal can't be run; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program and one of its stacks.

    Attributes:
        root: The folder with Pulumi.yaml and `__main__.py`.
        stack: The stack to run.

    Raises:
        RehearsalError: A file is missing, is no YAML, or holds a secret; the message names it.
    """

    root: Path
    stack: str

    def __post_init__(self) -> None:
        for name in (_PROJECT, "__main__.py"):
            if not (self.root / name).is_file():
                raise RehearsalError(f"{self.root}: no {name}; a rehearsal needs the folder of a Pulumi program")
        if not self.stack_file.is_file():
            raise RehearsalError(
                f"no stack `{self.stack}`: {self.root} has no {self.stack_file.name}; "
                f"stacks are: {', '.join(stacks(self.root)) or 'none'}"
            )
        if not isinstance(_read(self.root / _PROJECT).get("name"), str):
            raise RehearsalError(f"{_PROJECT}: name: missing; give the project a name, such as `name: covenant`")
        _refuse_secrets(self.stack_file)

    @property
    def project(self) -> str:
        """The project's name."""
        return _read(self.root / _PROJECT)["name"]

    @property
    def stack_file(self) -> Path:
        """The stack's configuration."""
        return self.root / f"Pulumi.{self.stack}.yaml"

    def copy_files(self, target: Path) -> None:
        """Copies Pulumi.yaml and the stack's file to where the engine may write into them.

        The salt that the engine wrote into an earlier copy stays: it belongs to the state beside it.
        """
        (target / _PROJECT).write_text((self.root / _PROJECT).read_text())
        copy = target / self.stack_file.name
        lines = copy.read_text().splitlines(keepends=True) if copy.is_file() else []
        salt = [line for line in lines if line.startswith("encryptionsalt:")]
        copy.write_text("".join([*salt, self.stack_file.read_text()]))


def stacks(root: Path) -> tuple[str, ...]:
    """Returns the stacks that a program has a configuration file for, in alphabetical order."""
    return tuple(sorted(path.name.removeprefix("Pulumi.").removesuffix(".yaml") for path in root.glob("Pulumi.*.yaml")))


def _read(path: Path) -> Mapping[str, Any]:
    """Returns a YAML file that holds a mapping.

    Raises:
        RehearsalError: It is no YAML or holds something else.
    """
    try:
        document = yaml.load(path.read_bytes(), Loader=_Strict)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise RehearsalError(f"{path.name}{line}: {error.problem}; mend the YAML") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RehearsalError(f"{path.name}: {error}; mend the YAML") from None
    if not isinstance(document, Mapping):
        raise RehearsalError(f"{path.name}: holds no settings; keys and values are wanted")
    return cast(Mapping[str, Any], document)


class _Strict(yaml.SafeLoader):
    """Refuses a key that stands twice: YAML would keep the last one and say nothing."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"`{key.value}` stands twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)


def _refuse_secrets(path: Path) -> None:
    document = _read(path)
    advice = "stack files hold no secret, so that a rehearsal reads all of them; name an entry of a secret store"
    for key in _SECRETS_PROVIDER_KEYS:
        if key in document:
            raise RehearsalError(f"{path.name}: {key}: not wanted here: {advice}")
    for key, value in cast(Mapping[str, Any], document.get("config") or {}).items():
        if _holds_secure(value):
            raise RehearsalError(f"{path.name}: {key}: holds a `secure:` value: {advice}")


def _holds_secure(value: Any) -> bool:
    match value:
        case Mapping():
            fields = cast(Mapping[str, Any], value)
            return "secure" in fields or any(_holds_secure(item) for item in fields.values())
        case list():
            return any(_holds_secure(item) for item in cast(list[Any], value))
        case _:
            return False
