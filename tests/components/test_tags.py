import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.retention import RetentionClass
from components.tags import TAG_KEYS, Classification, DataKind, Tags
from tests.components.recording import TAGS


def test_each_platform_gets_the_same_facts_in_its_own_spelling() -> None:
    tags = TAGS.with_(owner="Risk Platform", system="scoring:api", retention=RetentionClass.BACKUP_FULL)

    assert tags.aws(name="models") == {
        "Name": "models",
        "owner": "Risk Platform",
        "environment": "staging",
        "system": "scoring:api",
        "cost-centre": "CC-4711",
        "data-classification": "restricted",
        "data-kind": "pii",
        "retention": "backup-full",
        "rpo-minutes": "5",
        "rto-minutes": "30",
    }
    assert tags.gcp() == {
        "owner": "risk-platform",
        "environment": "staging",
        "system": "scoring-api",
        "cost-centre": "cc-4711",
        "data-classification": "restricted",
        "data-kind": "pii",
        "retention": "backup-full",
        "rpo-minutes": "5",
        "rto-minutes": "30",
    }
    assert tags.kubernetes() == {
        "platform.covenant/owner": "Risk-Platform",
        "platform.covenant/environment": "staging",
        "platform.covenant/system": "scoring-api",
        "platform.covenant/cost-centre": "CC-4711",
        "platform.covenant/data-classification": "restricted",
        "platform.covenant/data-kind": "pii",
        "platform.covenant/retention": "backup-full",
        "platform.covenant/rpo-minutes": "5",
        "platform.covenant/rto-minutes": "30",
    }


def test_what_is_not_said_is_not_tagged() -> None:
    tags = Tags(
        owner="data", environment="prod", system="platform", cost_centre="1", classification=Classification.PUBLIC
    )

    assert tags.aws() == {
        "owner": "data",
        "environment": "prod",
        "system": "platform",
        "cost-centre": "1",
        "data-classification": "public",
    }


def test_a_promise_of_no_loss_is_tagged() -> None:
    assert TAGS.with_(rpo_minutes=0).aws()["rpo-minutes"] == "0"


def test_a_store_differs_from_its_system_only_where_it_says_so() -> None:
    assert TAGS.with_(data_kind=DataKind.MODEL, rpo_minutes=None).aws() == {
        **{key: value for key, value in TAGS.aws().items() if key != "rpo-minutes"},
        "data-kind": "model",
    }


# The rules of https://cloud.google.com/resource-manager/docs/labels-overview and of Kubernetes' labels.
_VALUES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,254}", fullmatch=True)


@given(owner=_VALUES, system=_VALUES)
def test_every_tag_is_a_label_that_google_cloud_takes(owner: str, system: str) -> None:
    for key, value in TAGS.with_(owner=owner, system=system).gcp().items():
        assert key == key.lower()
        assert len(key) <= 63
        assert 1 <= len(value) <= 63
        assert set(value) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")


@given(owner=_VALUES, system=_VALUES)
def test_every_tag_is_a_label_that_kubernetes_takes(owner: str, system: str) -> None:
    for value in TAGS.with_(owner=owner, system=system).kubernetes().values():
        assert 1 <= len(value) <= 63
        assert value[0].isalnum()
        assert value[-1].isalnum()


def test_keys_are_one_table() -> None:
    assert set(TAG_KEYS) == set(Tags.__dataclass_fields__)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"owner": ""},
            "Tags.owner: '' is not 1 to 255 letters, digits, spaces and _.:/=+@-, the first a letter or digit",
        ),
        ({"system": "-api"}, "Tags.system: '-api' is not 1 to 255"),
        ({"cost_centre": "€5"}, "Tags.cost_centre: '€5' is not 1 to 255"),
        ({"owner": "a" * 256}, "Tags.owner: 'aaa"),
        ({"rpo_minutes": -1}, "Tags.rpo_minutes: -1 minutes can't be promised: 0 or more"),
        ({"rto_minutes": -1}, "Tags.rto_minutes: -1 minutes can't be promised: 0 or more"),
    ],
)
def test_a_tag_that_a_platform_would_refuse_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=r"^Tags") as error:
        TAGS.with_(**changes)  # type: ignore[arg-type]

    assert str(error.value).startswith(message)
