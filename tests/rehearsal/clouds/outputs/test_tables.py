"""The tables of outputs: every line of them speaks of something that the SDKs have, and renders."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from rehearsal.clouds import outputs, sdk
from rehearsal.clouds.identity import Context
from rehearsal.clouds.names import automatic_inputs
from rehearsal.clouds.outputs import _WORDS, _table
from rehearsal.clouds.outputs.templates import ABSENT, Entry, Scope, Template, render
from rehearsal.clouds.sdk import Kind, Shape

ContextOf = Callable[..., Context]

ENTRIES = [entry for package in ("aws", "gcp") for entry in _table(package).values()]
EACH_ENTRY = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.token)

# What templates and words take apart has to look like the real thing.
_EXAMPLES: Mapping[str, Any] = {
    "cidrBlock": "10.0.0.0/16",
    "clusterMode": "enabled",
    "cluster": "projects/covenant-test/locations/europe-west1/clusters/main",
    "databaseVersion": "POSTGRES_16",
    "destinationCidrBlock": "0.0.0.0/0",
    "engine": "postgres",
    "ipCidrRange": "10.0.0.0/20",
    "listenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/edge/50dc6c49/f2f7dc8e",
    "loadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/edge/50dc6c49",
    "loadBalancerType": "application",
    "location": "europe-west1",
    "nodeLocations": ["europe-west1-b"],
    "prefixLength": 20,
    "principalArn": "arn:aws:iam::111122223333:role/analyst",
    "productArn": "arn:aws:securityhub:eu-west-1::product/aws/guardduty",
    "project": "covenant-test",
    "readReplicasMode": "READ_REPLICAS_ENABLED",
    "region": None,  # the provider's
    "standardsArn": "arn:aws:securityhub:eu-west-1::standards/cis-aws-foundations-benchmark/v/3.0.0",
    "tunnel1InsideCidr": "169.254.16.0/30",
    "tunnel2InsideCidr": "169.254.17.0/30",
    "validationMethod": "DNS",
    "zone": "europe-west1-b",
}


_EXAMPLES_OF: Mapping[str, Mapping[str, Any]] = {"gcp:sql/user:User": {"type": "CLOUD_IAM_USER"}}

# Types that take one of several properties, none of which is required by itself.
_ALSO = {
    "aws:ec2/route:Route": ["destinationCidrBlock"],
    "gcp:tags/locationTagBinding:LocationTagBinding": ["location"],
}

_TYPES: Mapping[Kind, set[type]] = {
    Kind.STRING: {str},
    Kind.INTEGER: {int},
    Kind.NUMBER: {int, float},
    Kind.BOOLEAN: {bool},
    Kind.MAP: {dict},
    Kind.LIST: {list},
}

_HERE = r"eu-west-1:111122223333"
_ANYWHERE = r":111122223333"
# How the ARNs of a service go on, where that is not region, account and resource.
_ARNS = {
    "apigateway": r"eu-west-1:lambda:path/.+/functions/arn:.+/(response-streaming-)?invocations",
    "cloudfront": rf"{_ANYWHERE}:[a-z-]+/.+",
    "cloudwatch": rf"({_HERE}:(alarm:|metric-stream/)|{_ANYWHERE}:dashboard/).+",
    "rds": rf"({_HERE}:[a-z-]+|{_ANYWHERE}:global-cluster):.+",
    "route53": r"::(hostedzone|healthcheck|queryloggingconfig)/.+",
    "s3": rf"(::[a-z0-9.-]+(/.+)?|{_HERE}:(accesspoint|storage-lens)/.+)",
} | dict.fromkeys(("budgets", "ce", "chatbot", "iam", "shield", "sts"), rf"{_ANYWHERE}:.+")


_SCALARS: Mapping[Kind, Any] = {
    Kind.STRING: "text",
    Kind.INTEGER: 1,
    Kind.NUMBER: 1,
    Kind.BOOLEAN: True,
    Kind.MAP: {"key": "text"},
}


def example(name: str, shape: Shape, depth: int = 0) -> Any:
    """Returns a value for a property, with every property of every object in it, three levels deep."""
    if name in _EXAMPLES:
        return _EXAMPLES[name]
    if shape.choices:
        return shape.choices[0]
    if shape.kind is Kind.LIST and shape.element:
        return [example(name, shape.element, depth)]
    if shape.kind is Kind.UNION:
        return example(name, shape.alternatives[0], depth)
    if shape.kind is Kind.OBJECT and depth < 3:
        return {inner.name: example(inner.name, inner.shape, depth + 1) for inner in shape.properties.values()}
    return _SCALARS.get(shape.kind)


def inputs_of(token: str, context: Context, *, only_required: bool) -> dict[str, Any]:
    properties = sdk.resource_type(token).inputs
    given = {name: example(name, each.shape) for name, each in properties.items() if each.required or not only_required}
    given = {name: value for name, value in given.items() if value is not None and not name.endswith("Prefix")}
    special = {} if only_required else _EXAMPLES_OF.get(token, {})
    return given | special | automatic_inputs(token, given, context)


def templates(value: Any) -> Iterator[Template]:
    match value:
        case Template():
            yield value
        case list():
            for item in value:
                yield from templates(item)
        case dict():
            for item in value.values():
                yield from templates(item)
        case _:
            pass


def all_templates(entry: Entry) -> Iterator[Template]:
    yield from templates(entry.id)
    yield from templates(dict(entry.outputs))


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from texts(item)
        case dict():
            for item in value.values():
                yield from texts(item)
        case _:
            pass


@EACH_ENTRY
def test_an_entry_speaks_of_outputs_and_inputs_that_the_sdk_has(entry: Entry) -> None:
    resource = sdk.resource_type(entry.token)
    assert entry.outputs.keys() <= resource.outputs.keys()
    for template in all_templates(entry):
        for source in template.sources:
            if source.startswith("input."):
                shape_at(resource.inputs, source.removeprefix("input."))


def shape_at(properties: Mapping[str, sdk.Property], path: str) -> None:
    name, _, rest = path.partition(".")
    assert name in properties, f"{name} of {path}"
    if rest:
        shape_at(properties[name].shape.properties, rest)


def state_of(entry: Entry, context: Context, *, only_required: bool) -> dict[str, Any]:
    inputs = inputs_of(entry.token, context, only_required=only_required)
    identifier = outputs.resource_id(entry.token, inputs, context)
    return {"id": identifier, **outputs.computed_outputs(entry.token, inputs, identifier, context)}


@EACH_ENTRY
def test_every_listed_output_comes_out_with_many_inputs_or_with_few(entry: Entry, context_of: ContextOf) -> None:
    context = context_of(entry.token)
    few, many = (state_of(entry, context, only_required=only_required) for only_required in (True, False))
    stays_empty = {name for name, value in entry.outputs.items() if value is None}
    given = sdk.resource_type(entry.token).inputs.keys()
    assert entry.outputs.keys() - stays_empty <= few.keys() | many.keys()
    assert not stays_empty - given & few.keys()


@EACH_ENTRY
def test_outputs_have_the_type_that_the_sdk_gives_them(entry: Entry, context_of: ContextOf) -> None:
    shapes = sdk.resource_type(entry.token).outputs
    for only_required in (True, False):
        state = state_of(entry, context_of(entry.token), only_required=only_required)
        for name in entry.outputs.keys() & state.keys():
            assert_fits(name, state[name], shapes[name])


def assert_fits(path: str, value: Any, shape: Shape) -> None:
    match shape.kind:
        case Kind.OBJECT:
            for name, inner in value.items():
                assert name in shape.properties, f"{path}.{name}"
                assert_fits(f"{path}.{name}", inner, shape.properties[name].shape)
        case Kind.LIST if shape.element:
            assert isinstance(value, list), path
            for index, item in enumerate(value):
                assert_fits(f"{path}[{index}]", item, shape.element)
        case kind if kind in _TYPES:
            assert type(value) in _TYPES[kind], path
        case _:
            pass


@EACH_ENTRY
def test_an_id_renders_from_what_is_required(entry: Entry, context_of: ContextOf) -> None:
    context = context_of(entry.token)
    inputs = inputs_of(entry.token, context, only_required=True)
    inputs |= {name: _EXAMPLES[name] for name in _ALSO.get(entry.token, ())}
    if entry.id:
        assert render(entry.id, Scope(token=entry.token, inputs=inputs, context=context), "id") is not ABSENT
    assert re.fullmatch(r"[^{}\s]([^{}]*[^{}\s])?", outputs.resource_id(entry.token, inputs, context))


@EACH_ENTRY
def test_arns_are_well_formed(entry: Entry, context_of: ContextOf) -> None:
    state = state_of(entry, context_of(entry.token), only_required=True)
    made = {text for name in entry.outputs for text in texts(state.get(name)) if text.startswith("arn:")}
    for arn in made - set(map(str, _EXAMPLES.values())):
        _, partition, service, rest = arn.split(":", 3)
        assert partition == "aws"
        assert re.fullmatch(_ARNS.get(service, rf"{_HERE}:.+"), rest), arn


@pytest.mark.parametrize("package", ["aws", "gcp"])
def test_nothing_stands_in_a_table_twice(package: str) -> None:
    path = Path(outputs.__file__).parent / package / "outputs.yaml"
    assert YAML(typ="safe").load(path).keys() == _table(package).keys()  # this loader refuses duplicate keys


@pytest.mark.parametrize("package", ["aws", "gcp"])
def test_no_word_is_there_in_vain(package: str) -> None:
    used = {source for entry in ENTRIES for template in all_templates(entry) for source in template.sources}
    places = outputs._PLACES[package]  # words by which the provider fills in where a resource lives
    assert _WORDS[package].keys() - places <= used
