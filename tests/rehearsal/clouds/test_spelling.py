"""The nearest right name."""

import pytest

from rehearsal.clouds.spelling import did_you_mean, most_like

NAMES = ("storageEncrypted", "storageType", "tags", "kmsKeyId")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("storageEncrypt", "storageEncrypted"),
        ("storage_encrypted", "storageEncrypted"),
        ("STORAGETYPE", "storageType"),
        ("kms-key-id", "kmsKeyId"),
        ("tag", "tags"),
    ],
)
def test_a_slip_leads_to_the_name_that_was_meant(wrong, right):
    assert most_like(wrong, NAMES) == right
    assert did_you_mean(wrong, NAMES) == f", did you mean `{right}`?"


@pytest.mark.parametrize("wrong", ["subnet", "x", ""])
def test_nothing_is_guessed_when_nothing_is_alike(wrong):
    assert most_like(wrong, NAMES) is None
    assert did_you_mean(wrong, NAMES) == ""
