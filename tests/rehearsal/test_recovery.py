"""A killed engine loses nothing and makes nothing twice."""

import pytest

from rehearsal.clouds.store import Record, Store
from rehearsal.recovery import settle

URN = "urn:pulumi:staging::covenant::aws:kms/key:Key::database"


def resource(**more):
    return {"urn": URN, "type": "aws:kms/key:Key", "custom": True, "inputs": {"description": "d"}} | more


def pending(kind="creating", **more):
    return {"type": kind, "resource": resource(**more)}


@pytest.fixture
def store():
    with Store() as opened:
        yield opened


def make(store, identifier):
    store.create(Record(scope="aws", token="aws:kms/key:Key", id=identifier, urn=URN, seed=URN, inputs={}, outputs={}))


def test_what_was_made_is_adopted(store):
    make(store, "key-1")
    deployment, notes = settle({"manifest": {}, "resources": [], "pending_operations": [pending()]}, store)
    assert deployment == {"manifest": {}, "resources": [resource(id="key-1", outputs={"description": "d"})]}
    assert notes == (f"creating {URN}: was made, adopted as key-1",)


def test_what_was_not_made_is_dropped(store):
    deployment, notes = settle({"resources": [], "pending_operations": [pending()]}, store)
    assert deployment == {"resources": []}
    assert notes == (f"creating {URN}: was not made",)


def test_a_replacement_that_was_made_leaves_its_predecessor_to_be_deleted(store):
    make(store, "key-1")
    make(store, "key-2")
    deployment, _ = settle({"resources": [resource(id="key-1")], "pending_operations": [pending()]}, store)
    assert deployment["resources"] == [
        resource(id="key-2", outputs={"description": "d"}),
        resource(id="key-1", delete=True),
    ]


def test_a_predecessor_that_was_deleted_before_its_replacement_is_forgotten(store):
    make(store, "key-2")
    old = resource(id="key-1", pendingReplacement=True)
    deployment, _ = settle({"resources": [old], "pending_operations": [pending()]}, store)
    assert deployment["resources"] == [resource(id="key-2", outputs={"description": "d"})]


def test_a_creation_that_the_state_knows_already_is_not_adopted_twice(store):
    make(store, "key-1")
    known = resource(id="key-1")
    deployment, _ = settle({"resources": [known], "pending_operations": [pending()]}, store)
    assert deployment["resources"] == [known]


@pytest.mark.parametrize("kind", ["updating", "deleting"])
def test_updates_and_deletions_are_looked_at_again(store, kind):
    make(store, "key-1")
    known = resource(id="key-1")
    deployment, notes = settle({"resources": [known], "pending_operations": [pending(kind, id="key-1")]}, store)
    assert deployment == {"resources": [known]}
    assert notes == (f"{kind} {URN}: looked at again",)


def test_what_is_adopted_stands_after_what_it_needs_and_before_what_needs_it(store):
    make(store, "key-2")
    parent = {"urn": "urn::parent", "type": "covenant:aws:Keys"}
    provider = {"urn": "urn::provider", "type": "pulumi:providers:aws", "id": "p-1", "custom": True}
    alias = {"urn": "urn::alias", "type": "aws:kms/alias:Alias", "id": "a", "dependencies": [URN]}
    replaced = resource(id="key-1", pendingReplacement=True)
    operation = pending(parent="urn::parent", provider="urn::provider::p-1")
    state = {"resources": [parent, provider, replaced, alias], "pending_operations": [operation]}
    deployment, _ = settle(state, store)
    assert [item["urn"] for item in deployment["resources"]] == ["urn::parent", "urn::provider", URN, "urn::alias"]
    assert deployment["resources"][2]["id"] == "key-2"
