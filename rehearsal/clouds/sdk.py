"""What each resource type and function accepts and returns, read from the installed typed SDKs.

Nothing here is copied by hand: tokens come from the registration at the end of each SDK, properties from its generated
`<Type>Args` classes and their documentation, so that upgrading an SDK is the only thing that changes these facts.

A part of an SDK is imported when one of its tokens is first used, and what was read is kept. The SDKs import their
parts lazily, which is not safe between threads on Python 3.11, so all that may import holds one lock.
"""

import ast
import importlib
import importlib.util
import inspect
import json
import keyword
import re
import sys
import textwrap
import threading
import typing
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, Union

import pulumi

from rehearsal.clouds.documented import Limits, choices_in, limits_in
from rehearsal.clouds.spelling import did_you_mean

PROVIDER = "pulumi:providers:"
_PACKAGES = ("aws", "gcp", "kubernetes", "random")
_imports = threading.RLock()


class Kind(StrEnum):
    """What a value is on the wire."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"
    MAP = "map"
    OBJECT = "object"
    ASSET = "asset"
    UNION = "union"
    ANY = "any"


_KINDS = {str: Kind.STRING, int: Kind.INTEGER, float: Kind.NUMBER, bool: Kind.BOOLEAN}


@dataclass(frozen=True)
class Shape:
    """The shape of a value.

    Attributes:
        kind: What it is on the wire.
        element: The shape of a list's elements or of a map's values.
        alternatives: The shapes of a union.
        choices: The values that a literal type allows.
        sdk_class: The SDK's class of an object.
    """

    kind: Kind
    element: "Shape | None" = None
    alternatives: "tuple[Shape, ...]" = ()
    choices: tuple[str, ...] | None = None
    sdk_class: type | None = None

    @property
    def properties(self) -> "Mapping[str, Property]":
        """The properties of an object by wire name, read when first asked for, because some shapes hold themselves."""
        return _properties(self.sdk_class) if self.sdk_class else MappingProxyType({})


@dataclass(frozen=True)
class Property:
    """A property of a resource, a function or a nested object.

    Attributes:
        name: Its name on the wire (camelCase).
        python_name: Its name in the Python SDK (snake_case).
        shape: The shape of its value.
        required: Whether it has to be given.
        deprecated: The SDK's message, where the SDK advises against its use.
        choices: The only values allowed, or for a list the only elements: from its type, else from its documentation.
        limits: The range of numbers that its documentation states.
    """

    name: str
    python_name: str
    shape: Shape
    required: bool
    deprecated: str | None = None
    choices: tuple[str, ...] | None = None
    limits: Limits | None = None


@dataclass(frozen=True)
class ResourceType:
    """A resource type; the configuration of a provider (`pulumi:providers:aws`) is one too.

    Attributes:
        token: Its name for the engine.
        inputs: What a program may give, by wire name.
        outputs: The shapes of what the provider returns, by wire name.
        secret_outputs: The outputs that the SDK marks secret.
        deprecated: The SDK's message, where another type has taken its place.
    """

    token: str
    inputs: Mapping[str, Property]
    outputs: Mapping[str, Shape]
    secret_outputs: frozenset[str]
    deprecated: str | None


@dataclass(frozen=True)
class FunctionType:
    """A function of a provider, which the engine calls an invoke."""

    token: str
    inputs: Mapping[str, Property]
    outputs: Mapping[str, Shape]


class UnknownToken(LookupError):
    """No SDK has the resource type or function."""

    def __init__(self, token: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"unknown type `{token}`{did_you_mean(token, known)}")


@cache
def resource_type(token: str) -> ResourceType:
    """Returns what the SDK says of a resource type or of a provider's configuration.

    Raises:
        UnknownToken: No SDK registers the token.
    """
    known = registered(token.removeprefix(PROVIDER).partition(":")[0])
    if token not in known:
        raise UnknownToken(token, known)
    module, name = known[token]
    with _imports:
        cls = getattr(importlib.import_module(module), name)
        constructor = _syntax(cls._internal_init)
        return ResourceType(
            token=token,
            inputs=_properties(_namespace(cls)[_arguments_class(constructor)]),
            outputs=_shapes(cls),
            secret_outputs=_secret_outputs(constructor),
            deprecated=_warning(constructor),
        )


@cache
def function_type(token: str) -> FunctionType:
    """Returns what the SDK says of a function.

    Raises:
        UnknownToken: The SDK has no such function.
    """
    package, _, path = token.partition(":")
    folder, _, name = path.partition(":")[0].rpartition("/")
    modules = _function_modules(package, folder)
    own_name = _snake_case(name)
    with _imports:
        module = importlib.import_module(modules[own_name]) if own_name in modules else None
        # The variant for outputs is the one whose annotations tell what is required.
        function = getattr(module, f"{own_name}_output", None)
        if function is None:
            known = (_camel_case(each) for each in modules if each.startswith("get_"))
            raise UnknownToken(token, (f"{package}:{folder}/{each}:{each}" for each in known))
        body = _syntax(function)
        result = next(each.value for each in next(_calls(body, "invoke_output")).keywords if each.arg == "typ")
        return FunctionType(
            token=token, inputs=_parameters(function, body), outputs=_shapes(_namespace(function)[ast.unparse(result)])
        )


@cache
def registered(package: str) -> Mapping[str, tuple[str, str]]:
    """Returns the module and class of every type that an SDK registers, by token."""
    folder = _folder(package)
    if folder is None:
        return MappingProxyType({})
    blocks = re.findall(r'resource_(?:modules|packages)="""(.*?)"""', (folder / "__init__.py").read_text(), re.DOTALL)
    modules, providers = map(json.loads, blocks)
    types = {token: (module["fqn"], name) for module in modules for token, name in module["classes"].items()}
    return MappingProxyType(types | {each["token"]: (each["fqn"], each["class"]) for each in providers})


@cache
def _function_modules(package: str, folder: str) -> Mapping[str, str]:
    """Returns the modules of one part of an SDK, of which each holds one function or one type, by their last name."""
    root = _folder(package)
    if root is None:
        return MappingProxyType({})
    part = "" if folder == "index" else f"{folder}_" if keyword.iskeyword(folder) else folder
    dotted = ".".join(filter(None, (f"pulumi_{package}", part)))
    files = (root / part).glob("*.py")
    return MappingProxyType({file.stem: f"{dotted}.{file.stem}" for file in files if file.stem[0] != "_"})


def _folder(package: str) -> Path | None:
    if package not in _PACKAGES:
        return None
    spec = importlib.util.find_spec(f"pulumi_{package}")
    return Path(spec.origin).parent if spec and spec.origin else None


@cache
def _properties(cls: type) -> Mapping[str, Property]:
    """Returns the properties of an SDK class by wire name."""
    with _imports:
        parameters = inspect.signature(cls.__init__).parameters
        found: dict[str, Property] = {}
        for own_name, getter in _getters(cls):
            shape = _shape(_hints(getter, vars(sys.modules[cls.__module__]))["return"])
            scalar = shape.element if shape.kind is Kind.LIST and shape.element else shape
            documentation = getter.__doc__ or ""
            is_listed = scalar.kind in (Kind.STRING, Kind.INTEGER)
            is_number = shape.kind in (Kind.NUMBER, Kind.INTEGER)
            name = getattr(getter, "_pulumi_name")  # noqa: B009  # set by the SDK's decorator on a function
            found[name] = Property(
                name=name,
                python_name=own_name,
                shape=shape,
                required=own_name in parameters and parameters[own_name].default is inspect.Parameter.empty,
                deprecated=_deprecation(getter),
                choices=scalar.choices or (choices_in(documentation) if is_listed else None),
                limits=limits_in(documentation) if is_number else None,
            )
        return MappingProxyType(found)


def _parameters(function: Callable[..., Any], body: ast.FunctionDef) -> Mapping[str, Property]:
    """Returns the arguments of an SDK function by wire name, from its lines `__args__['wireName'] = own_name`.

    All have a default; of those that may be left out, the annotation says so twice: `Input[Optional[Optional[str]]]`.
    """
    hints = _hints(function, _namespace(function))
    annotations = {each.arg: ast.unparse(each.annotation) for each in body.args.args if each.annotation}
    found: dict[str, Property] = {}
    for node in body.body:
        match node:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id="__args__"), slice=ast.Constant(value=str(name)))],
                value=ast.Name(id=own_name),
            ):
                is_required = "Optional[Optional[" not in annotations[own_name]
                found[name] = Property(name, own_name, _shape(hints[own_name]), is_required)
            case _:
                pass
    return MappingProxyType(found)


def _shapes(cls: type) -> Mapping[str, Shape]:
    return MappingProxyType({name: each.shape for name, each in _properties(cls).items()})


def _getters(cls: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yields the own name and the getter of each property of an SDK class."""
    for name, member in ((name, member) for base in cls.__mro__ for name, member in vars(base).items()):
        if isinstance(member, property) and member.fget and hasattr(member.fget, "_pulumi_name"):
            yield name, member.fget


def _shape(annotation: Any) -> Shape:
    """Returns the shape that an annotation describes."""
    arguments = typing.get_args(annotation)
    match typing.get_origin(annotation):
        case origin if origin in (Union, UnionType):
            return _union(arguments)
        case origin if origin is pulumi.Output:
            return _shape(arguments[0])
        case origin if origin is Literal:
            return Shape(Kind.STRING, choices=arguments)
        case origin if origin is Sequence:
            return Shape(Kind.LIST, element=_shape(arguments[0]))
        case origin if origin is Mapping:
            return Shape(Kind.MAP, element=_shape(arguments[1]))
        case _:
            return _plain_shape(annotation)


def _plain_shape(annotation: Any) -> Shape:
    if annotation in (pulumi.Asset, pulumi.Archive):
        return Shape(Kind.ASSET)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return Shape(Kind.STRING, choices=tuple(str(member.value) for member in annotation))
    if hasattr(annotation, "_pulumi_input_type") or hasattr(annotation, "_pulumi_output_type"):
        return Shape(Kind.OBJECT, sdk_class=annotation)
    return Shape(_KINDS.get(annotation, Kind.ANY))


def _union(members: tuple[Any, ...]) -> Shape:
    """Returns the shape of a union: of the one way to give its value, or of all."""
    shapes = dict.fromkeys(_shape(member) for member in members if _is_alternative(member, members))
    return next(iter(shapes)) if len(shapes) == 1 else Shape(Kind.UNION, alternatives=tuple(shapes))


def _is_alternative(member: Any, members: tuple[Any, ...]) -> bool:
    """Says whether a member of a union is a value of its own, and not its absence, its promise or a way to write it."""
    if member is NoneType or typing.get_origin(member) in (Awaitable, pulumi.Output) or typing.is_typeddict(member):
        return False
    if hasattr(member, "_pulumi_output_type"):
        return not any(hasattr(other, "_pulumi_input_type") for other in members)
    # An enum beside `str` is only a hint: that of EC2's tenancy lacks `host`, that of a rule's protocol lacks `-1`.
    return not (isinstance(member, type) and issubclass(member, Enum) and str in members)


def _hints(function: Callable[..., Any], namespace: Mapping[str, Any]) -> dict[str, Any]:
    # Pulumi's `Input[T]` is a union that quotes "Output[T]", two names that the SDKs' modules don't import.
    return typing.get_type_hints(function, dict(namespace), {"Output": pulumi.Output, "T": NoneType})


def _namespace(member: Any) -> Mapping[str, Any]:
    return vars(sys.modules[member.__module__])


def _syntax(function: Callable[..., Any]) -> ast.FunctionDef:
    """Returns the syntax tree of a function of an SDK."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)  # noqa: S101  # narrows the type: it is the source of a function
    return tree


def _calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yields the calls `….name(…)` in a syntax tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name:
            yield node


def _arguments_class(constructor: ast.FunctionDef) -> str:
    """Returns the class of a type's inputs, from the line `__props__ = KeyArgs.__new__(KeyArgs)`."""
    return ast.unparse(next(_calls(constructor, "__new__")).args[0])


def _secret_outputs(constructor: ast.FunctionDef) -> frozenset[str]:
    """Returns the outputs that a type's constructor marks secret."""
    return frozenset(
        name
        for call in _calls(constructor, "ResourceOptions")
        for argument in call.keywords
        if argument.arg == "additional_secret_outputs"
        for name in ast.literal_eval(argument.value)
    )


def _warning(constructor: ast.FunctionDef) -> str | None:
    """Returns the warning that a type's constructor always logs: that another type has taken its place."""
    return next((ast.literal_eval(call.args[0]) for call in _calls(constructor, "warn")), None)


def _deprecation(getter: Callable[..., Any]) -> str | None:
    """Returns the message of the SDK's `deprecated` decorator, if a getter is wrapped in it."""
    if not hasattr(getter, "_pulumi_deprecated_callable"):
        return None
    return inspect.getclosurevars(getter).nonlocals["message"]


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _camel_case(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)
