from typing import Any

import pytest

from components.gcp.keys import Keys, KeysArgs
from components.purposes import SIGNING, KeyPurpose
from tests.components.recording import GCP, SQL_AGENT, STORAGE_AGENT, TAGS, build, gcp_labels, resolve


def _args(*purposes: KeyPurpose, **changes: Any) -> KeysArgs:
    return KeysArgs(purposes=frozenset(purposes or KeyPurpose), tags=TAGS, **GCP, **changes)


def _expected_key(purpose: KeyPurpose, level: str) -> dict[str, Any]:
    kind: dict[str, Any] = (
        {
            "purpose": "ASYMMETRIC_SIGN",
            "versionTemplate": {"algorithm": "RSA_SIGN_PKCS1_3072_SHA256", "protectionLevel": level},
        }
        if purpose in SIGNING
        else {
            "purpose": "ENCRYPT_DECRYPT",
            "versionTemplate": {"algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION", "protectionLevel": level},
            "rotationPeriod": "7776000s",
        }
    )
    return {
        "name": str(purpose),
        "keyRing": "lender-id",
        "destroyScheduledDuration": "2592000s",
        "labels": gcp_labels() | {"use": str(purpose)},
        **kind,
    }


@pytest.mark.parametrize("level", ["HSM", "SOFTWARE"])
def test_each_purpose_has_a_key_that_rotates_and_outlives_a_mistake(level: str) -> None:
    recording = build(lambda: Keys("lender", _args(protection_level=level)))
    keys = recording.inputs("gcp:kms/cryptoKey:CryptoKey")

    assert keys == {f"lender-{purpose}": _expected_key(purpose, level) for purpose in KeyPurpose}
    assert all(recording.one("gcp:kms/cryptoKey:CryptoKey", name).protect for name in keys)


def test_keys_live_in_hardware_unless_a_setting_says_otherwise() -> None:
    assert _args().protection_level == "HSM"


def test_each_service_agent_uses_the_keys_of_its_own_data_only() -> None:
    grants = {
        "lender-database-cloud-sql": ("lender-database-id", SQL_AGENT),
        "lender-objects-storage": ("lender-objects-id", STORAGE_AGENT),
        "lender-audit-storage": ("lender-audit-id", STORAGE_AGENT),
        "lender-backup-storage": ("lender-backup-id", STORAGE_AGENT),
        "lender-logs-storage": ("lender-logs-id", STORAGE_AGENT),
    }
    recording = build(lambda: Keys("lender", _args()))

    assert recording.inputs("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember") == {
        name: {"cryptoKeyId": key, "member": member, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter"}
        for name, (key, member) in grants.items()
    }


def test_no_agent_is_made_that_no_key_needs() -> None:
    recording = build(lambda: Keys("lender", _args(KeyPurpose.JWT_SIGNING)))

    assert recording.inputs("gcp:projects/serviceIdentity:ServiceIdentity") == {}


@pytest.mark.parametrize(("changes", "name"), [({}, "lender"), ({"key_ring_name": "lender-7f3a"}, "lender-7f3a")])
def test_a_key_rings_name_can_be_chosen_because_it_is_taken_for_ever(changes: dict[str, Any], name: str) -> None:
    recording = build(lambda: Keys("lender", _args(KeyPurpose.CACHE, **changes)))

    assert recording.inputs("gcp:kms/keyRing:KeyRing") == {
        "lender": {"name": name, "location": "europe-west3", "project": "lender-staging"}
    }


def test_a_key_is_handed_out_once_its_service_may_use_it() -> None:
    def program() -> None:
        keys = Keys("lender", _args())
        Keys("other", _args(KeyPurpose.CACHE, key_ring_name=keys.reference(KeyPurpose.DATABASE)))

    ring = build(program).one("gcp:kms/keyRing:KeyRing", "other")

    assert ring.depends_on >= {"lender-database", "lender-database-cloud-sql"}


def test_a_key_is_found_by_its_purpose() -> None:
    assert resolve(lambda: Keys("lender", _args()).reference(KeyPurpose.DATABASE)) == "lender-database-id"


def test_a_key_that_was_not_made_is_named() -> None:
    def program() -> None:
        Keys("lender", _args(KeyPurpose.CACHE)).reference(KeyPurpose.AUDIT)

    with pytest.raises(ValueError, match=r"^KeysArgs\.purposes: no key for audit, there are keys for cache$"):
        build(program)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"purposes": frozenset()}, "purposes: name at least one of database, cache, "),
        ({"protection_level": "PAPER"}, "protection_level: 'PAPER' is neither 'HSM' nor 'SOFTWARE'"),
        ({"project": "Lender"}, "project: 'Lender' is not 6 to 30 lower-case letters, digits and hyphens"),
        ({"region": "Frankfurt"}, "region: 'Frankfurt' is not a Google Cloud region such as europe-west3"),
    ],
)
def test_wrong_arguments_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r"^[a-z_]+: ") as error:
        KeysArgs(**{"purposes": frozenset(KeyPurpose), "tags": TAGS, **GCP, **changes})

    assert str(error.value).startswith(message)
