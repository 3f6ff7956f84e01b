"""The stand-in clouds forget nothing and make nothing twice."""

from dataclasses import replace

import pytest

from rehearsal.clouds.store import AlreadyExists, NotFound, Record, Store
from rehearsal.clouds.values import Secret

BUCKET = Record(
    scope="aws/111122223333/eu-west-1",
    token="aws:s3/bucket:Bucket",
    id="logs",
    urn="urn::logs",
    seed="urn::logs",
    inputs={"a": 1},
    outputs={"arn": "x"},
)


def test_what_was_made_is_there_after_the_file_is_opened_again(tmp_path):
    with Store(tmp_path / "clouds.db") as store:
        store.create(BUCKET)
    with Store(tmp_path / "clouds.db") as store:
        assert store.all() == (BUCKET,)
        assert store.read(BUCKET.scope, BUCKET.token, BUCKET.id) == BUCKET
        assert store.find(BUCKET.urn) == (BUCKET,)


def test_an_id_is_given_only_once():
    with Store() as store:
        store.create(BUCKET)
        with pytest.raises(AlreadyExists, match="aws:s3/bucket:Bucket logs"):
            store.create(BUCKET)
        assert store.generation(BUCKET.urn) == 1


def test_what_is_not_there_is_not_changed_and_may_be_deleted_again():
    with Store() as store:
        with pytest.raises(NotFound):
            store.update(BUCKET)
        store.delete(BUCKET.scope, BUCKET.token, BUCKET.id)
        assert store.all() == ()


def test_generations_go_on_after_a_deletion():
    with Store() as store:
        store.create(BUCKET)
        store.delete(BUCKET.scope, BUCKET.token, BUCKET.id)
        store.create(BUCKET)
        assert store.generation(BUCKET.urn) == 2
        assert store.generation("urn::other") == 0


def test_secrets_stay_secret_and_are_encrypted_in_the_file(tmp_path):
    with Store(tmp_path / "clouds.db") as store:
        nested = {"n": [Secret({"deep": Secret("hush")})]}
        store.create(replace(BUCKET, inputs={"p": Secret("hush")}, outputs=nested))
        assert store.all()[0].inputs == {"p": Secret("hush")}
        assert store.all()[0].outputs == {"n": [Secret({"deep": Secret("hush")})]}
    assert b"hush" not in (tmp_path / "clouds.db").read_bytes()


def test_attempts_are_counted_by_operation():
    with Store() as store:
        assert [store.count_attempt("u", "create") for _ in range(3)] == [0, 1, 2]
        assert store.count_attempt("u", "update") == 0


def test_an_id_may_be_given_again_elsewhere():
    with Store() as store:
        store.create(BUCKET)
        elsewhere = replace(BUCKET, scope="aws/111122223333/eu-central-1")
        store.create(elsewhere)
        assert store.find(BUCKET.urn) in ((BUCKET, elsewhere), (elsewhere, BUCKET))
        store.delete(elsewhere.scope, BUCKET.token, BUCKET.id)
        assert store.all() == (BUCKET,)
