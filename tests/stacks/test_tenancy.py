from pathlib import Path

import pytest

from catalog import Catalog, load_catalog
from catalog.dependencies import Bucket, Dependencies
from catalog.types import Cloud
from components.purposes import KeyPurpose
from components.retention import LockMode, RetentionClass
from components.tags import Classification, DataKind, Tags
from stacks.tenancy import BucketPlan, bucket_plans, database_tags, namespace_args, platform_tags, system_tags
from tests.catalog.files import load as load_files
from tests.catalog.files import shortest
from tests.stacks.program import load, stack_file

PLATFORM = Tags(
    owner="platform",
    environment="staging",
    system="platform",
    cost_centre="cc-1000",
    classification=Classification.INTERNAL,
)
SCORING = Tags(
    owner="credit-risk",
    environment="staging",
    system="scoring",
    cost_centre="cc-4100",
    classification=Classification.RESTRICTED,
    data_kind=DataKind.PII,
    retention=RetentionClass.AUDIT,
    rpo_minutes=5,
    rto_minutes=30,
)


def test_what_all_share_carries_the_platforms_tags() -> None:
    assert platform_tags(load(stack_file("staging"))) == PLATFORM


def test_what_belongs_to_a_system_carries_its_tags() -> None:
    assert system_tags(load_catalog().systems["scoring"], "staging") == SCORING


@pytest.mark.parametrize(
    ("bucket", "expected"),
    [
        (
            Bucket(description="All as the system says."),
            BucketPlan(tags=SCORING, key=KeyPurpose.OBJECTS, retention=RetentionClass.AUDIT, lock=LockMode.GOVERNANCE),
        ),
        (
            Bucket(description="Models.", data_kind=DataKind.MODEL, retention=RetentionClass.MODELS),
            BucketPlan(
                tags=SCORING.with_(data_kind=DataKind.MODEL, retention=RetentionClass.MODELS),
                key=KeyPurpose.OBJECTS,
                retention=RetentionClass.MODELS,
                lock=None,
            ),
        ),
        (
            Bucket(description="Reports.", data_kind=DataKind.AUDIT, classification=Classification.INTERNAL),
            BucketPlan(
                tags=SCORING.with_(data_kind=DataKind.AUDIT, classification=Classification.INTERNAL),
                key=KeyPurpose.AUDIT,
                retention=RetentionClass.AUDIT,
                lock=LockMode.GOVERNANCE,
            ),
        ),
    ],
)
def test_a_bucket_is_kept_as_it_says_and_else_as_its_system_says(bucket: Bucket, expected: BucketPlan) -> None:
    scoring = load_catalog().systems["scoring"]
    system = scoring.model_copy(update={"dependencies": Dependencies(bucket={"own": bucket})})
    assert bucket_plans(system, Cloud.AWS, SCORING, LockMode.GOVERNANCE) == {"own": expected}
    assert bucket_plans(system, Cloud.GCP, SCORING, LockMode.GOVERNANCE) == {}


DATABASE = "dependencies: {postgres: {}}\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"greeter": shortest()}, PLATFORM),
        (
            {
                "a": shortest("a") + DATABASE + "recovery: {rto_minutes: 45, rpo_minutes: 10}\n",
                "b": shortest("b").replace("classification: internal", "classification: confidential") + DATABASE,
                "c": shortest("c").replace("classification: internal", "classification: restricted"),
            },
            PLATFORM.with_(
                classification=Classification.CONFIDENTIAL,
                retention=RetentionClass.LIVE,
                rto_minutes=30,
                rpo_minutes=5,
            ),
        ),
        (
            {
                "a": shortest("a") + DATABASE,
                "b": shortest("b").replace("data_kind: telemetry", "data_kind: pii") + DATABASE,
            },
            PLATFORM.with_(data_kind=DataKind.PII, retention=RetentionClass.LIVE, rto_minutes=30, rpo_minutes=5),
        ),
    ],
    ids=["none", "most demanding", "personal data"],
)
def test_a_database_server_is_as_protected_as_its_most_demanding_system(
    tmp_path: Path, files: dict[str, str], expected: Tags
) -> None:
    catalog: Catalog = load_files(tmp_path, **files)
    assert database_tags(PLATFORM, catalog) == expected


def test_a_namespace_holds_all_that_its_system_can_become() -> None:
    scoring = load_catalog().systems["scoring"]
    args = namespace_args(scoring, SCORING, protect=True)
    # 2 x 20 API pods and a migration of 500m and 512Mi (limit 1Gi), a retraining of 2 and 4Gi (limit 8Gi).
    assert (args.namespace, args.cpu, args.memory, args.memory_limit, args.pods) == (
        "scoring",
        "22500m",
        "25088Mi",
        "50176Mi",
        42,
    )
