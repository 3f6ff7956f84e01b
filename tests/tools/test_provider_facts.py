import json
import shutil
from pathlib import Path

import pytest
import yaml

from rehearsal.clouds import sdk
from tools.provider_facts import tables
from tools.provider_facts.constants import value_of
from tools.provider_facts.names import Tokens, camel_case, pair, singular
from tools.provider_facts.terraform import Attribute, CannotRead, Condition, Resource, read_schemas
from tools.provider_facts.translate import overlap, translate, unclassified

needs_go = pytest.mark.skipif(shutil.which("go") is None, reason="the reader of Go source is a Go program")

# Made-up providers, laid out as the real ones are.
CHECKOUTS = Path(__file__).parent / "checkouts"


@needs_go
def test_reads_a_resource_of_the_plugin_sdk_through_the_functions_it_is_put_together_with() -> None:
    port = Attribute(type="int", required=True, force_new=True, whole=True)
    assert read_schemas("google", CHECKOUTS / "google") == {
        "google_hall": Resource(
            source="google-beta/services/hall/resource_hall.go",
            id="projects/{{project}}/halls/{{name}}",
            conditions=(Condition(path="?", by="moved"), Condition(path="door.width", by="CustomizeDiff")),
            attributes={
                "project": Attribute(type="string", optional=True, computed=True, force_new=True, whole=True),
                "name": Attribute(type="string", required=True, force_new=True, whole=True),
                "floor": Attribute(type="string", optional=True, whole=True, default="OAK"),
                "key": Attribute(type="string", optional=True, whole=True, sensitive=True, conflicts=("code",)),
                "code": Attribute(type="string", optional=True, whole=True, sensitive=True),
                "door": Attribute(
                    type="list",
                    optional=True,
                    single=True,
                    attributes={"width": Attribute(type="int", optional=True, whole=True)},
                ),
                "rules": Attribute(
                    type="set",
                    optional=True,
                    attributes={"port": port, "rules": Attribute(type="set", optional=True, attributes={"port": port})},
                ),
                "lights": Attribute(type="list", computed=True, whole=True),
                "windows": Attribute(type="bool", optional=True, force_new=True, whole=True),
            },
        )
    }


@needs_go
def test_reads_resources_of_both_kinds_out_of_an_index_of_declarations() -> None:
    assert read_schemas("aws", CHECKOUTS / "aws") == {
        "aws_hall": Resource(
            source="internal/service/hall resourceHall",
            attributes={
                "vpc_security_group_ids": Attribute(type="set", optional=True, single=True, whole=True),
                "usage": Attribute(
                    type="string",
                    optional=True,
                    whole=True,
                    constant="github.com/aws/aws-sdk-go-v2/service/kms/types.KeyUsageTypeSignVerify",
                ),
                "region": Attribute(type="string", optional=True, computed=True, force_new=True, whole=True),
            },
        ),
        "aws_gate": Resource(
            source="internal/service/hall baseResource.Schema",
            framework=True,
            conditions=(Condition(path="?", by="gateResource.ModifyPlan"),),
            attributes={
                "name": Attribute(type="string", required=True, force_new=True, whole=True),
                "colour": Attribute(
                    type="string",
                    optional=True,
                    whole=True,
                    conditions=("RequiresReplaceIf paler", "RequiresReplaceIfConfigured"),
                    conflicts=("open",),
                ),
                "open": Attribute(type="bool", optional=True, computed=True, whole=True, default=True),
                "hinge": Attribute(
                    type="list",
                    optional=True,
                    single=True,
                    whole=True,
                    attributes={"side": Attribute(type="string", optional=True, whole=True)},
                ),
            },
        ),
    }


@needs_go
def test_reads_what_a_provider_of_one_package_lists() -> None:
    assert read_schemas("random", CHECKOUTS / "random") == {
        "random_die": Resource(
            source="internal/provider/provider.go",
            framework=True,
            attributes={"result": Attribute(type="int", computed=True, sensitive=True, whole=True)},
        )
    }


@needs_go
def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="no resources found"):
        read_schemas("google", tmp_path)


def test_go_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotRead, match="Go is not on PATH"):
        read_schemas("google", tmp_path)


@pytest.mark.parametrize(
    ("terraform", "expected"),
    [
        ("name", "name"),
        ("vpc_security_group_ids", "vpcSecurityGroupIds"),
        ("enable_l4_ilb_subsetting", "enableL4IlbSubsetting"),
    ],
)
def test_properties_are_spelt_in_camel_case(terraform: str, expected: str) -> None:
    assert camel_case(terraform) == expected


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("rules", "rule"),
        ("policies", "policy"),
        ("partitionIndices", "partitionIndex"),
        ("boxes", "box"),
        ("access", "access"),
    ],
)
def test_the_number_of_a_name_is_found(plural: str, expected: str) -> None:
    assert singular(plural) == expected


def test_properties_are_paired_by_spelling_by_number_and_by_the_table() -> None:
    terraform = ["name", "ingress_rule", "settings", "topic_arn", "gone"]

    pairs = pair(terraform, ["name", "ingressRules", "setting", "topic", "own"], {"topic_arn": "topic"})

    assert pairs == {"name": "name", "ingress_rule": "ingressRules", "settings": "setting", "topic_arn": "topic"}


TOKENS = Tokens(
    frozenset({"aws_kms_key_policy", "aws_vpc", "aws_prometheus_workspace", "aws_cloudtrail", "aws_db_instance"}),
    "aws_",
    {"amp": "prometheus", "rds": "db"},
    {"aws:cloudtrail/trail:Trail": "aws_cloudtrail", "aws:new/type:Type": "aws_new_type"},
)


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("aws:kms/keyPolicy:KeyPolicy", ("aws_kms_key_policy",)),
        ("aws:ec2/vpc:Vpc", ("aws_vpc",)),
        ("aws:amp/workspace:Workspace", ("aws_prometheus_workspace",)),
        ("aws:rds/instance:Instance", ("aws_db_instance",)),
        ("aws:cloudtrail/trail:Trail", ("aws_cloudtrail",)),
        ("aws:new/type:Type", ()),
        ("aws:sqs/queue:Queue", ()),
    ],
)
def test_types_are_found_by_their_letters(token: str, expected: tuple[str, ...]) -> None:
    assert TOKENS.candidates(token) == expected


@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        ("github.com/aws/aws-sdk-go-v2/service/kms/types.KeyUsageTypeEncryptDecrypt", "ENCRYPT_DECRYPT"),
        ("github.com/aws/aws-sdk-go-v2/service/kms/types.KeyUsageTypeNothing", None),
        ("github.com/elsewhere/types.KeyUsageTypeEncryptDecrypt", None),
    ],
)
def test_constants_stand_for_what_the_api_model_says(constant: str, expected: str | None) -> None:
    assert value_of(constant) == expected


KEY = Resource(
    source="resource_kms_crypto_key.go",
    id="{{key_ring}}/cryptoKeys/{{name}}",
    attributes={
        "id": Attribute(type="string", computed=True, force_new=True),
        "name": Attribute(type="string", required=True, force_new=True, whole=True),
        "key_ring": Attribute(type="string", required=True, force_new=True, whole=True, sensitive=True),
        "purpose": Attribute(
            type="string", optional=True, whole=True, default="ENCRYPT_DECRYPT", conflicts=("import_only",)
        ),
        "import_only": Attribute(type="bool", optional=True, computed=True, whole=True),
        "rotation_period": Attribute(type="string", optional=True, whole=True),
        "label": Attribute(type="map", optional=True, force_new=True, whole=True),
        "crypto_key_version": Attribute(type="string", optional=True, force_new=True, whole=True),
        "version_template": Attribute(
            type="list",
            optional=True,
            computed=True,
            force_new=True,
            single=True,
            attributes={
                "algorithm": Attribute(type="string", required=True, whole=True),
                "protection_level": Attribute(
                    type="string", optional=True, force_new=True, whole=True, default="SOFTWARE"
                ),
            },
        ),
    },
)


def test_facts_are_put_in_the_sdks_terms() -> None:
    conditions = {"?": "depends: below", "rotation_period": "shrinks while import_only is true and key_ring is set"}
    known = sdk.resource_type("gcp:kms/cryptoKey:CryptoKey")

    found = translate(KEY, known, renamed={}, conditions=conditions, deciders={})

    assert tables.entry(KEY, found) == {
        "source": "resource_kms_crypto_key.go",
        "replaces": ["keyRing", "labels", "name", "versionTemplate.#", "versionTemplate.protectionLevel"],
        "replaces_when": {"rotationPeriod": "shrinks while importOnly is true and keyRing is set"},
        "secret_outputs": ["keyRing"],
        "computed": ["importOnly", "versionTemplate"],
        "defaults": {"purpose": "ENCRYPT_DECRYPT", "versionTemplate.protectionLevel": "SOFTWARE"},
        "exclusive": [["importOnly", "purpose"]],
        "id": "{keyRing}/cryptoKeys/{name}",
    }
    assert found.unmatched == ["crypto_key_version"]


def selectors(kind: str, *, every: bool, some: bool = True) -> Resource:
    labels = Attribute(type="map", optional=True, force_new=every, whole=True)
    namespace = Attribute(type="string", required=True, force_new=some, whole=True)
    block = Attribute(type=kind, required=True, attributes={"labels": labels, "namespace": namespace})
    return Resource(source="", attributes={"selector": block})


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (selectors("list", every=True), ["selectors"]),
        (selectors("list", every=False), ["selectors[].namespace"]),
        (selectors("set", every=False), ["selectors"]),
        (selectors("set", every=False, some=False), []),
    ],
    ids=["all of a list", "one property in a list", "one property in a set", "nothing in a set"],
)
def test_a_nested_block_forces_as_a_whole_or_in_part(resource: Resource, expected: list[str]) -> None:
    known = sdk.resource_type("aws:eks/fargateProfile:FargateProfile")

    assert translate(resource, known, renamed={}, conditions={}, deciders={}).replaces == expected


def test_properties_in_a_list_are_told_only_where_a_replacement_hangs_on_them() -> None:
    labels = Attribute(type="map", optional=True, computed=True, whole=True)
    namespace = Attribute(type="string", optional=True, computed=True, force_new=True, whole=True)
    block = Attribute(type="list", optional=True, attributes={"labels": labels, "namespace": namespace})
    known = sdk.resource_type("aws:eks/fargateProfile:FargateProfile")

    found = translate(
        Resource(source="", attributes={"selector": block}), known, renamed={}, conditions={}, deciders={}
    )

    assert found.computed == ["selectors[].namespace"]


def test_code_that_decides_has_to_be_classified() -> None:
    attributes = {
        "size": Attribute(type="int", optional=True),
        "state": Attribute(type="string", computed=True),
        "alias": Attribute(type="string", optional=True, conditions=("RequiresReplaceIf shorter",)),
    }
    decided = (Condition(path="size", by="shrinks"), Condition(path="state", by="code"), Condition(path="?", by="loop"))
    resource = Resource(source="", attributes=attributes, conditions=decided)

    assert unclassified(resource, {}, {}) == ["size (shrinks)", "? (loop)", "alias (RequiresReplaceIf shorter)"]
    assert unclassified(resource, {"size": "shrinks", "?": "depends: x", "alias": "cleared"}, {}) == []
    assert (
        unclassified(resource, {"size": "shrinks", "?": "depends: x"}, {"RequiresReplaceIf shorter": "cleared"}) == []
    )


def test_types_with_other_properties_have_little_in_common() -> None:
    names = sdk.resource_type("gcp:kms/keyRing:KeyRing").outputs
    ring = Resource(source="", attributes={name: Attribute(type="string", optional=True) for name in names})

    assert overlap(ring, sdk.resource_type("gcp:kms/keyRing:KeyRing"), {}) == 1
    assert overlap(ring, sdk.resource_type("gcp:storage/bucketACL:BucketACL"), {}) == 0


def test_tables_read_back_as_they_were_written(tmp_path: Path) -> None:
    entry = {
        "source": "a b.go",
        "replaces": [f"settings[].property{number}" for number in range(40)],
        "replaces_when": {"size": "shrinks; any change while kind is a"},
        "defaults": {
            "a": True,
            "b": 1,
            "c": 0.5,
            "d": "yes",
            "e": "1",
            "f": "a: b",
            "g": "#",
            "h": "",
            "i": "Managed by X",
        },
        "exclusive": [["a", "b"], ["c[].d", "e"]],
        "id": "{a}/b",
    }
    types = {"x:b/b:B": entry, "x:b/a:A": entry, "x:c/c:C": {"source": "s"}}
    (tmp_path / "x").mkdir()
    (tmp_path / "x/stale.yaml").write_text("")

    tables.write(tmp_path, "x", "v1", types)

    assert sorted(path.name for path in (tmp_path / "x").iterdir()) == ["b.yaml", "c.yaml"]
    text = (tmp_path / "x/b.yaml").read_text()
    assert yaml.safe_load(text) == {"provider": "x", "version": "v1", "types": {"x:b/a:A": entry, "x:b/b:B": entry}}
    assert max(map(len, text.splitlines())) <= 160
    assert not [line for line in text.splitlines() if line != line.rstrip()]


def test_an_sdk_of_one_part_has_one_table(tmp_path: Path) -> None:
    tables.write(tmp_path, "x", "v1", {"x:index/a:A": {"source": "s"}})

    assert [path.name for path in tmp_path.iterdir()] == ["x.yaml"]
    assert json.dumps(yaml.safe_load((tmp_path / "x.yaml").read_text())["types"]) == '{"x:index/a:A": {"source": "s"}}'
