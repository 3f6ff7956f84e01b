"""The stand-in providers: what the real engine talks to over gRPC instead of a cloud.

One server for each provider package, on loopback. Each is strict (`checks`), knows what forces a replacement
(`facts`), answers in the shapes of the real one (`outputs`, `invokes`), and keeps what it made in the `store`.
"""

import dataclasses
import importlib.metadata
import json
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from typing import Any, Final, NoReturn, Self

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from google.rpc import status_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from rehearsal.clouds import checks, defaults, facts, invokes, names, outputs, sdk, wire
from rehearsal.clouds.changes import Change, changes
from rehearsal.clouds.faults import FaultKind, Faults
from rehearsal.clouds.location import Location, locate
from rehearsal.clouds.store import AlreadyExists, Record, Store
from rehearsal.clouds.values import Secret, edited, reveal

PACKAGES: Final = ("aws", "gcp", "kubernetes", "random")

_THREADS = 16  # the engine works on at most this many resources at once by default on two to four cores

_KINDS = {
    (Change.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Change.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Change.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Change.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Change.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Change.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}

_REFUSALS = {
    FaultKind.THROTTLE: (
        grpc.StatusCode.UNAVAILABLE,
        "ThrottlingException: Rate exceeded; gave up after 25 attempts",
    ),
    FaultKind.QUOTA: (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "LimitExceededException: the account's quota for this resource is reached",
    ),
}


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """The stand-in for one provider package.

    Args:
        package: "aws", "gcp", "kubernetes" or "random".
        store: what exists in the stand-in clouds.
        faults: how operations of this run fail.
        crash: kills the engine, for the fault `FaultKind.CRASH_AFTER_CREATE`.
    """

    def __init__(self, package: str, store: Store, faults: Faults, crash: Callable[[], None]) -> None:
        self._package = package
        self._store = store
        self._faults = faults
        self._crash = crash
        self._lock = threading.Lock()
        # The engine holds one connection for each provider resource; the peer's address tells them apart.
        self._locations: dict[str, Location] = {}

    # The names of the methods are the protocol's.
    # ruff: noqa: N802, ARG002

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Agrees on features: secrets arrive marked, resources and outputs as plain values."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Accepts an engine that found this running server by PULUMI_DEBUG_PROVIDERS."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Gives the version of the SDK whose facts are used."""
        return plugin_pb2.PluginInfo(version=importlib.metadata.version(f"pulumi-{self._package}"))

    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Has nothing to cancel: no operation here takes long."""
        return empty_pb2.Empty()

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Checks a provider resource's configuration, such as region and allowed accounts."""
        config = _configuration(request.news)
        problems = checks.check(f"pulumi:providers:{self._package}", config)
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(problems))

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compares a provider resource's configuration; nothing in it forces a replacement of the provider."""
        return _diff_response(changes(wire.decode(request.old_inputs), wire.decode(request.news)), ())

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Remembers where the resources of this connection live."""
        try:
            location = locate(self._package, reveal(_configuration(request.args)))
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        with self._lock:
            self._locations[context.peer()] = location
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Refuses wrong inputs, and fills in what the provider itself does: automatic names and defaults."""
        token, olds, news = request.type, wire.decode(request.olds), wire.decode(request.news)
        problems = checks.check(token, news)
        if problems:
            return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(problems))
        place = self._location(context).context(request.urn, self._seed(request.urn))
        try:
            inputs = defaults.fill_in(token, news, place, olds)
        except ValueError as error:
            failure = provider_pb2.CheckFailure(reason=str(error))
            return provider_pb2.CheckResponse(inputs=request.news, failures=[failure])
        return provider_pb2.CheckResponse(inputs=wire.encode(inputs))

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Says what changed and whether the resource must be replaced."""
        old, new = wire.decode(request.old_inputs), wire.decode(request.news)
        for ignored in request.ignoreChanges:
            if ignored in old:
                new[ignored] = old[ignored]
        replaces = facts.forced_replacements(request.type, reveal(old), reveal(new))
        response = _diff_response(changes(old, new, facts.facts(request.type)), replaces)
        # A fixed name can't exist twice, so the old resource goes first, as the real providers decide.
        response.deleteBeforeReplace = bool(replaces) and names.has_fixed_name(request.type, new)
        return response

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Makes a resource; a preview answers with unknowns for all that only the provider decides."""
        token, inputs = request.type, wire.decode(request.properties)
        if request.preview:
            place = self._location(context).context(request.urn, self._seed(request.urn))
            known = outputs.preview_outputs(token, _without_notes(inputs), place)
            return provider_pb2.CreateResponse(properties=wire.encode(known))
        fault = self._strike(request.urn, token, "create", context)
        try:
            record = self._make(request, inputs, self._location(context))
        except AlreadyExists as error:
            context.abort(grpc.StatusCode.ALREADY_EXISTS, f"{error} exists already")
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        properties = wire.encode(record.outputs)
        if fault is FaultKind.CRASH_AFTER_CREATE:
            self._crash()
        if fault is FaultKind.TIMEOUT:
            _abort_unready(context, record.id, properties, request.properties)
        return provider_pb2.CreateResponse(id=record.id, properties=properties)

    def _make(self, request: provider_pb2.CreateRequest, inputs: Mapping[str, Any], location: Location) -> Record:
        """Makes what a request asks for.

        Raises:
            AlreadyExists: something of its type has the id.
            ValueError: the cloud refuses what is asked for.
        """
        token, seed = request.type, self._seed(request.urn)
        place = location.context(request.urn, seed)
        known = _without_notes(reveal(inputs))
        identifier = outputs.resource_id(token, known, place)
        state = _with_secrets(token, outputs.computed_outputs(token, known, identifier, place), inputs)
        record = Record(
            scope=location.scope(request.urn),
            token=token,
            id=identifier,
            urn=request.urn,
            seed=seed,
            inputs=inputs,
            outputs=state,
        )
        self._store.create(record)
        return record

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Gives what the cloud holds; an empty answer means that it is gone."""
        record = self._store.read(self._location(context).scope(request.urn), request.type, request.id)
        if record is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=record.id, inputs=wire.encode(record.inputs), properties=wire.encode(record.outputs)
        )

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Changes a resource in place."""
        token, inputs = request.type, wire.decode(request.news)
        if request.preview:
            place = self._location(context).context(request.urn, self._seed(request.urn))
            known = outputs.preview_outputs(token, _without_notes(inputs), place, wire.decode(request.olds))
            return provider_pb2.UpdateResponse(properties=wire.encode(known))
        fault = self._strike(request.urn, token, "update", context)
        location = self._location(context)
        record = self._store.read(location.scope(request.urn), token, request.id)
        if record is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{token} {request.id} does not exist")
        place = location.context(request.urn, record.seed)
        try:
            computed = outputs.computed_outputs(token, _without_notes(reveal(inputs)), request.id, place)
        except ValueError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        state = _with_secrets(token, computed, inputs)
        self._store.update(dataclasses.replace(record, urn=request.urn, inputs=inputs, outputs=state))
        properties = wire.encode(state)
        if fault is FaultKind.TIMEOUT:
            _abort_unready(context, request.id, properties, request.news)
        return provider_pb2.UpdateResponse(properties=properties)

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Removes a resource."""
        self._strike(request.urn, request.type, "delete", context)
        self._store.delete(self._location(context).scope(request.urn), request.type, request.id)
        return empty_pb2.Empty()

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answers a data source; one that is not known here is an error."""
        try:
            answer = invokes.invoke(
                request.tok, reveal(wire.decode(request.args)), self._location(context).context("", "")
            )
        except invokes.InvokeError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(wire.encode(answer))  # a keyword of Python names the field
        return response

    def _strike(self, urn: str, token: str, operation: str, context: grpc.ServicerContext) -> FaultKind | None:
        attempt = self._store.count_attempt(urn, operation)
        fault = self._faults.strike(token, urn, operation, attempt)
        if fault is FaultKind.TIMEOUT and operation == "delete":
            fault = FaultKind.THROTTLE
        refusal = _REFUSALS.get(fault) if fault else None
        if refusal:
            context.abort(*refusal)
        return fault

    def _seed(self, urn: str) -> str:
        generation = self._store.generation(urn)
        return f"{urn}#{generation}" if generation else urn

    def _location(self, context: grpc.ServicerContext) -> Location:
        """Returns where the caller's resources live; nowhere yet during a preview before a cluster exists."""
        with self._lock:
            return self._locations.get(context.peer(), Location(package=self._package))


class Clouds:
    """The servers of all stand-in providers, on loopback, while the `with` block lasts."""

    def __init__(self, store: Store, faults: Faults, crash: Callable[[], None]) -> None:
        self._servers: dict[int, grpc.Server] = {}
        self.addresses: dict[str, int] = {}
        for package in PACKAGES:
            server = grpc.server(
                futures.ThreadPoolExecutor(_THREADS, thread_name_prefix=f"stand-in-{package}"),
                options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
            )
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(StandIn(package, store, faults, crash), server)
            port = server.add_insecure_port("127.0.0.1:0")
            self._servers[port] = server
            self.addresses[package] = port

    def __enter__(self) -> Self:
        for server in self._servers.values():
            server.start()
        return self

    def __exit__(self, *_: object) -> None:
        for stopped in [server.stop(grace=None) for server in self._servers.values()]:
            stopped.wait(timeout=5)

    @property
    def environment(self) -> dict[str, str]:
        """What makes an engine attach to these servers instead of starting plugins."""
        return {"PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in self.addresses.items())}


def _configuration(properties: struct_pb2.Struct) -> dict[str, Any]:
    """Returns a provider's configuration; the SDKs send everything but strings as JSON in a string."""
    return {key: _from_json(value) for key, value in wire.decode(properties).items()}


def _from_json(value: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(_from_json(value.value))
    if not isinstance(value, str) or not value.startswith(("{", "[", "true", "false", '"')):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _failures(problems: tuple[checks.Problem, ...]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=problem.path, reason=problem.reason) for problem in problems]


def _diff_response(changed: Mapping[str, Change], replaces: tuple[str, ...]) -> provider_pb2.DiffResponse:
    detailed = {
        path: provider_pb2.PropertyDiff(kind=_KINDS[change, _forces(path, replaces)], inputDiff=True)
        for path, change in changed.items()
    }
    some = provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=sorted({_top(path) for path in changed}),
        replaces=sorted({_top(path) for path in replaces}),
        detailedDiff=detailed,
        hasDetailedDiff=True,
    )


def _top(path: str) -> str:
    return path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]


def _forces(path: str, replaces: tuple[str, ...]) -> bool:
    """Whether a changed path is, holds, or lies under one that forces the replacement."""
    return any(_under(path, forcing) or _under(forcing, path) for forcing in replaces)


def _under(path: str, parent: str) -> bool:
    return path == parent or path.startswith((f"{parent}.", f"{parent}["))


def _without_notes(inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inputs.items() if not key.startswith("__")}


def _with_secrets(token: str, state: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Marks in a resource's state what the provider calls sensitive, and what came in as a secret."""
    read = facts.facts(token)
    marked = _marked(state, inputs)
    for path in sdk.resource_type(token).secret_outputs | (read.secret_outputs if read else frozenset()):
        marked = edited(marked, path, _hidden)
    return marked


def _hidden(value: Any) -> Any:
    return value if isinstance(value, Secret) or value is None else Secret(value)


def _marked(values: Mapping[str, Any], like: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _mark(value, like.get(key)) for key, value in values.items()}


def _mark(value: Any, like: Any) -> Any:
    """Wraps a value as its model is wrapped: the whole of it, where the two differ and the model holds a secret."""
    if reveal(like) == value:
        return like
    return Secret(value) if _holds_secret(like) else value


def _holds_secret(value: Any) -> bool:
    match value:
        case Secret():
            return True
        case Mapping():
            return any(_holds_secret(item) for item in value.values())
        case list():
            return any(_holds_secret(item) for item in value)
        case _:
            return False


def _abort_unready(
    context: grpc.ServicerContext, identifier: str, properties: struct_pb2.Struct, inputs: struct_pb2.Struct
) -> NoReturn:
    """Answers that the resource is there but did not become ready, so that the engine keeps it and tries again."""
    reason = "timeout while waiting for the resource to become ready"
    detail = any_pb2.Any()
    detail.Pack(
        provider_pb2.ErrorResourceInitFailed(id=identifier, properties=properties, reasons=[reason], inputs=inputs)
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
