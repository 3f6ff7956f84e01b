"""Keys and their rotation."""

import re
from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity
from pydantic import Field

from policies.controls import CIS_AWS, CIS_GCP, FSBP, NIST_800_53, PCI_DSS
from policies.expect import at_most, equal, is_absent, while_known
from policies.probe import Missing, Unknown, Value, holds
from policies.resources import Resource
from policies.rule import CannotTellYet, Example, Finding, NotApplicable, Parameters, ResourceRule, Violation

_AWS_KEY: Final = "aws:kms/key:Key"
_GCP_KEY: Final = "gcp:kms/cryptoKey:CryptoKey"

_SECONDS_A_DAY: Final = 86_400


class AwsRotation(Parameters):
    """Checks that a KMS key is rotated often enough."""

    # 90 is the decision for both clouds, and the shortest period that KMS accepts.
    maximum_days: int = Field(
        default=90, ge=90, le=2560, description="The longest time between two rotations, in days."
    )

    def __call__(self, key: Resource) -> Iterator[Finding]:
        """Judges a key."""
        spec = key.probe("customerMasterKeySpec")
        if isinstance(spec, Value) and not holds(spec, "SYMMETRIC_DEFAULT"):
            yield NotApplicable("KMS rotates symmetric keys only")
            return
        if not is_absent(key.probe("customKeyStoreId")):
            yield NotApplicable("KMS does not rotate the keys of custom key stores")
            return
        yield from while_known(spec, self._rotated(key))

    def _rotated(self, key: Resource) -> Iterator[Finding]:
        yield from equal(key, "enableKeyRotation", expected=True, default=False)
        yield from at_most(key, "rotationPeriodInDays", self.maximum_days, default=365)


KMS_ROTATION = ResourceRule(
    name="kms-rotation",
    description="AWS KMS keys are rotated at least every 90 days.",
    severity=Severity.HIGH,
    controls=(
        *CIS_AWS.controls("4.6"),
        *FSBP.controls("KMS.4"),
        *PCI_DSS.controls("3.7.4"),
        *NIST_800_53.controls("SC-12(2)"),
    ),
    types=frozenset({_AWS_KEY}),
    remediation="Set enableKeyRotation to true and rotationPeriodInDays to 90.",
    check=AwsRotation(),
    compliant=(Example(_AWS_KEY, {"enableKeyRotation": True, "rotationPeriodInDays": 90}),),
    violating=(
        Example(_AWS_KEY, {}),
        Example(_AWS_KEY, {"enableKeyRotation": False, "rotationPeriodInDays": 90}),
        Example(_AWS_KEY, {"enableKeyRotation": True}),
        Example(_AWS_KEY, {"enableKeyRotation": True, "rotationPeriodInDays": 365}),
    ),
    exempt=(
        Example(_AWS_KEY, {"customerMasterKeySpec": "RSA_3072", "keyUsage": "SIGN_VERIFY"}),
        Example(_AWS_KEY, {"customKeyStoreId": "cks-1234567890abcdef0"}),
    ),
)


class GcpRotation(Parameters):
    """Checks that a Cloud KMS key is rotated often enough."""

    # Google Cloud takes no period under a day: pulumi_gcp.kms.CryptoKey.rotation_period.
    maximum_days: int = Field(default=90, ge=1, description="The longest time between two rotations, in days.")

    def __call__(self, key: Resource) -> Iterator[Finding]:
        """Judges a key."""
        purpose = key.probe("purpose")
        if isinstance(purpose, Value) and not holds(purpose, "ENCRYPT_DECRYPT"):
            yield NotApplicable("Cloud KMS rotates symmetric encryption keys only")
            return
        yield from while_known(purpose, self._rotated(key))

    def _rotated(self, key: Resource) -> Iterator[Finding]:
        maximum = self.maximum_days * _SECONDS_A_DAY
        match key.probe("rotationPeriod"):
            case Unknown(path=path):
                yield CannotTellYet(path)
            case Missing(path=path):
                yield Violation(path, f"must be at most {maximum}s, but is not set: the key is never rotated")
            case Value(path=path, value=period):
                seconds = re.fullmatch(r"(\d+(?:\.\d{1,9})?)s", str(period))
                if seconds is None or float(seconds[1]) > maximum:
                    yield Violation(path, f"must be at most {maximum}s")


GCP_KMS_ROTATION = ResourceRule(
    name="gcp-kms-rotation",
    description="Google Cloud KMS keys are rotated at least every 90 days.",
    severity=Severity.HIGH,
    controls=(*CIS_GCP.controls("1.11"), *PCI_DSS.controls("3.7.4"), *NIST_800_53.controls("SC-12(2)")),
    types=frozenset({_GCP_KEY}),
    remediation="Set rotationPeriod to 7776000s.",
    check=GcpRotation(),
    compliant=(
        Example(_GCP_KEY, {"rotationPeriod": "7776000s"}),
        Example(_GCP_KEY, {"rotationPeriod": "2592000.5s", "purpose": "ENCRYPT_DECRYPT"}),
    ),
    violating=(
        Example(_GCP_KEY, {}),
        Example(_GCP_KEY, {"rotationPeriod": "31536000s"}),
        Example(_GCP_KEY, {"rotationPeriod": "7776000"}),
    ),
    exempt=(Example(_GCP_KEY, {"purpose": "ASYMMETRIC_SIGN"}),),
)

RULES: Final = (KMS_ROTATION, GCP_KMS_ROTATION)
