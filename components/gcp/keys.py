"""Customer-managed keys in Cloud KMS, one a purpose."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal, get_args

import pulumi
import pulumi_gcp as gcp

from components.gcp.project import check_project
from components.ordering import after
from components.purposes import DELETION_DAYS, ROTATION_DAYS, SIGNING, KeyPurpose
from components.tags import Tags

ProtectionLevel = Literal["HSM", "SOFTWARE"]

_DAY_SECONDS: Final = 86_400


class _Agent(StrEnum):
    """Google's own service accounts that encrypt a project's data with its keys."""

    STORAGE = "storage"
    CLOUD_SQL = "cloud-sql"


_AGENTS: Final[Mapping[KeyPurpose, _Agent]] = MappingProxyType(
    {
        KeyPurpose.DATABASE: _Agent.CLOUD_SQL,
        KeyPurpose.OBJECTS: _Agent.STORAGE,
        KeyPurpose.AUDIT: _Agent.STORAGE,
        KeyPurpose.BACKUP: _Agent.STORAGE,
        KeyPurpose.LOGS: _Agent.STORAGE,
    }
)
"""The agent that each key is for; keys that are not named are used by workloads only."""


@dataclass(frozen=True, kw_only=True)
class KeysArgs:
    """What the keys are for and where.

    Attributes:
        purposes: One key is made for each.
        project: The project of the keys, whose agents may use them.
        region: The region of the keys and of what they encrypt.
        tags: Labels of each key; a label `use` with the key's purpose is added.
        key_ring_name: The key ring's name, the component's by default. A name is taken for ever, for key
            rings can't be deleted: a stack that is destroyed and made again gives it a suffix.
        protection_level: Whether keys live in hardware modules; SOFTWARE costs less.
        protect: Whether the engine refuses to destroy a key: what it encrypted would be lost with it.

    Raises:
        ValueError: No purpose is given, or the project, region or level is no such thing.
    """

    purposes: frozenset[KeyPurpose]
    project: str
    region: str
    tags: Tags
    key_ring_name: pulumi.Input[str] | None = None
    protection_level: ProtectionLevel = "HSM"
    protect: bool = True

    def __post_init__(self) -> None:
        check_project(self.project, self.region)
        if not self.purposes:
            raise ValueError(f"purposes: name at least one of {', '.join(KeyPurpose)}")
        if self.protection_level not in get_args(ProtectionLevel):
            raise ValueError(f"protection_level: {self.protection_level!r} is neither 'HSM' nor 'SOFTWARE'")


class Keys(pulumi.ComponentResource):
    """One key for each purpose in one key ring.

    Example:
        >>> keys = Keys("lender", KeysArgs(purposes=frozenset({KeyPurpose.DATABASE}), tags=tags, **place))
        >>> database_key: pulumi.Output[str] = keys.reference(KeyPurpose.DATABASE)
    """

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:gcp:Keys", name, None, opts)
        self._prefix = name
        self._args = args
        ring = gcp.kms.KeyRing(
            name,
            name=name if args.key_ring_name is None else args.key_ring_name,
            location=args.region,
            project=args.project,
            opts=self._child(),
        )
        purposes = sorted(args.purposes)
        agents = self._agents(ring, {_AGENTS[purpose] for purpose in purposes if purpose in _AGENTS})
        self._names = {purpose: self._key(ring, purpose, agents) for purpose in purposes}
        self.register_outputs({"names": {str(purpose): key for purpose, key in self._names.items()}})

    def reference(self, purpose: KeyPurpose) -> pulumi.Output[str]:
        """The resource name of the key for a purpose, known once the service that it is for may use it.

        Raises:
            ValueError: No key was made for it.
        """
        if purpose not in self._names:
            raise ValueError(f"KeysArgs.purposes: no key for {purpose}, there are keys for {', '.join(self._names)}")
        return self._names[purpose]

    def _child(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _agents(self, ring: gcp.kms.KeyRing, needed: set[_Agent]) -> Mapping[_Agent, pulumi.Output[str]]:
        """The agents as members of IAM; asking for one makes it where the service has not been used yet."""
        members: dict[_Agent, pulumi.Output[str]] = {}
        if _Agent.CLOUD_SQL in needed:
            members[_Agent.CLOUD_SQL] = gcp.projects.ServiceIdentity(
                f"{self._prefix}-{_Agent.CLOUD_SQL}",
                project=self._args.project,
                service="sqladmin.googleapis.com",
                opts=self._child(),
            ).member
        if _Agent.STORAGE in needed:
            # Cloud Storage's agent is no service identity: it has an address of its own to ask, which answers once
            # the project's APIs are on. The key ring waits for that already.
            members[_Agent.STORAGE] = gcp.storage.get_project_service_account_output(
                project=self._args.project, opts=pulumi.InvokeOutputOptions(parent=self, depends_on=[ring])
            ).member
        return members

    def _key(
        self, ring: gcp.kms.KeyRing, purpose: KeyPurpose, agents: Mapping[_Agent, pulumi.Output[str]]
    ) -> pulumi.Output[str]:
        signing = purpose in SIGNING
        key = gcp.kms.CryptoKey(
            f"{self._prefix}-{purpose}",
            name=str(purpose),
            key_ring=ring.id,
            purpose="ASYMMETRIC_SIGN" if signing else "ENCRYPT_DECRYPT",
            version_template=gcp.kms.CryptoKeyVersionTemplateArgs(
                algorithm="RSA_SIGN_PKCS1_3072_SHA256" if signing else "GOOGLE_SYMMETRIC_ENCRYPTION",
                protection_level=self._args.protection_level,
            ),
            rotation_period=None if signing else f"{ROTATION_DAYS * _DAY_SECONDS}s",
            destroy_scheduled_duration=f"{DELETION_DAYS * _DAY_SECONDS}s",
            labels=self._args.tags.gcp() | {"use": str(purpose)},
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )
        if purpose not in _AGENTS:
            return key.id
        grant = gcp.kms.CryptoKeyIAMMember(
            f"{self._prefix}-{purpose}-{_AGENTS[purpose]}",
            crypto_key_id=key.id,
            role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
            member=agents[_AGENTS[purpose]],
            opts=self._child(),
        )
        return after(key.id, grant)
