"""Serving the pack to the Pulumi engine.

The SDK's `PolicyPack` converts every resource anew for every policy, relevant or not: 90 policies over 500 resources
of 30 properties cost a preview 5.2 s of processor time, against 0.5 s here. Here the SDK's own analyzer does the work,
but sees only what concerns it: one analyzer a type of resource with the policies on that type, and one a stack policy
with the resources that it joins.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

import grpc
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import analyzer_pb2 as wire
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerServicer, add_AnalyzerServicer_to_server
from pulumi_policy import EnforcementLevel

# The SDK offers its analyzer only inside PolicyPack, whose constructor never returns.
from pulumi_policy.policy import _PolicyAnalyzerServicer as SdkAnalyzer  # pyright: ignore[reportPrivateUsage]
from typing_extensions import override

from policies.configuration import configure
from policies.pack import as_policy
from policies.rule import ConfigurationError, ResourceRule, StackRule

_NAME: Final = "covenant"
# That of PulumiPolicy.yaml, which is the one that the engine goes by.
_VERSION: Final = "0.1.0"
# The SDK's own limit: all resources of a stack come in one message.
_MAX_MESSAGE_BYTES: Final = 400 * 1024 * 1024
_SECONDS_BETWEEN_LOOKS_AT_THE_ENGINE: Final = 1


def serve(rules: Iterable[ResourceRule | StackRule]) -> None:
    """Serves the rules on a free local port, which it prints, until the engine that started it ends."""
    engine = os.getppid()
    server = grpc.server(ThreadPoolExecutor(), options=[("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES)])
    add_AnalyzerServicer_to_server(Analyzer(rules), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 where the engine looks for the port
    with suppress(KeyboardInterrupt):
        while server.wait_for_termination(_SECONDS_BETWEEN_LOOKS_AT_THE_ENGINE) and os.getppid() == engine:
            pass
    server.stop(grace=None)


class Analyzer(AnalyzerServicer):
    """Passes each of the engine's requests on to the SDK's analyzers that it concerns."""

    def __init__(self, rules: Iterable[ResourceRule | StackRule]) -> None:
        self._rules = tuple(rules)
        self._all = _analyzer(self._rules)
        self._resource_rules = [rule for rule in self._rules if isinstance(rule, ResourceRule)]
        self._by_type = {
            token: _analyzer(rule for rule in self._resource_rules if token in rule.types)
            for token in frozenset[str]().union(*(rule.types for rule in self._resource_rules))
        }
        self._joining = [
            (rule.types | rule.companions, _analyzer([rule])) for rule in self._rules if isinstance(rule, StackRule)
        ]

    @override
    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        return self._all.GetPluginInfo(request, context)

    @override
    def GetAnalyzerInfo(self, request: Empty, context: grpc.ServicerContext) -> wire.AnalyzerInfo:
        return self._all.GetAnalyzerInfo(request, context)

    @override
    def ConfigureStack(
        self, request: wire.AnalyzerStackConfigureRequest, context: grpc.ServicerContext
    ) -> wire.AnalyzerStackConfigureResponse:
        for analyzer in self._analyzers():
            analyzer.ConfigureStack(request, context)
        return wire.AnalyzerStackConfigureResponse()

    @override
    def Configure(self, request: wire.ConfigureAnalyzerRequest, context: grpc.ServicerContext) -> Empty:
        # The engine checks types against the schemas, but lets unknown policies and parameters through.
        given = {name: json_format.MessageToDict(one.properties) for name, one in request.policyConfig.items()}
        try:
            configure(self._rules, given)
        except ConfigurationError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        for analyzer in self._analyzers():
            analyzer.Configure(request, context)
        return Empty()

    @override
    def Remediate(self, request: wire.AnalyzeRequest, context: grpc.ServicerContext) -> wire.RemediateResponse:
        return wire.RemediateResponse()

    @override
    def Analyze(self, request: wire.AnalyzeRequest, context: grpc.ServicerContext) -> wire.AnalyzeResponse:
        analyzer = self._by_type.get(request.type)
        response = analyzer.Analyze(request, context) if analyzer else wire.AnalyzeResponse()
        # Else the engine counts the policies that it hears nothing of among those that the resource passed.
        response.not_applicable.extend(
            wire.PolicyNotApplicable(policy_name=rule.name)
            for rule in self._resource_rules
            if request.type not in rule.types
        )
        return response

    @override
    def AnalyzeStack(self, request: wire.AnalyzeStackRequest, context: grpc.ServicerContext) -> wire.AnalyzeResponse:
        by_type: defaultdict[str, list[wire.AnalyzerResource]] = defaultdict(list)
        for resource in sorted(request.resources, key=lambda resource: resource.urn):
            by_type[resource.type].append(resource)
        response = wire.AnalyzeResponse()
        for types, analyzer in self._joining:
            concerned = [resource for token in types for resource in by_type[token]]
            response.MergeFrom(analyzer.AnalyzeStack(wire.AnalyzeStackRequest(resources=concerned), context))
        return response

    def _analyzers(self) -> Iterable[SdkAnalyzer]:
        yield from (self._all, *self._by_type.values(), *(analyzer for _, analyzer in self._joining))


def _analyzer(rules: Iterable[ResourceRule | StackRule]) -> SdkAnalyzer:
    return SdkAnalyzer(_NAME, _VERSION, [as_policy(rule) for rule in rules], EnforcementLevel.MANDATORY)
