"""What EKS answers beyond templates."""

from collections.abc import Mapping

from rehearsal.clouds.identity import HEX, derived, derived_uuid
from rehearsal.clouds.outputs.certificates import encoded_certificate
from rehearsal.clouds.outputs.templates import Scope, Word

# The default of CreateCluster, and the add-on versions that belong to it (`aws eks describe-addon-versions`), as of
# November 2025. A program that pins its versions never meets them.
DEFAULT_VERSION = "1.34"
ADDON_VERSIONS: Mapping[str, str] = {
    "adot": "v0.131.0-eksbuild.1",
    "amazon-cloudwatch-observability": "v4.5.0-eksbuild.1",
    "aws-ebs-csi-driver": "v1.51.1-eksbuild.1",
    "aws-efs-csi-driver": "v2.1.13-eksbuild.1",
    "aws-guardduty-agent": "v1.11.0-eksbuild.4",
    "aws-mountpoint-s3-csi-driver": "v2.1.0-eksbuild.1",
    "coredns": "v1.12.4-eksbuild.1",
    "eks-node-monitoring-agent": "v1.4.0-eksbuild.2",
    "eks-pod-identity-agent": "v1.3.9-eksbuild.5",
    "kube-proxy": "v1.34.0-eksbuild.4",
    "metrics-server": "v0.8.0-eksbuild.3",
    "snapshot-controller": "v8.3.0-eksbuild.1",
    "vpc-cni": "v1.20.4-eksbuild.1",
}


def eks_version(_: Scope) -> str:
    """Returns the version of a cluster or node group that asks for none."""
    return DEFAULT_VERSION


def eks_token(scope: Scope) -> str:
    """Returns what a cluster's endpoint and its issuer have in common."""
    return derived(HEX, 32, *scope.seed("eks-token")).upper()


def eks_addon_version(scope: Scope) -> str:
    """Returns the version of an add-on that asks for none."""
    return ADDON_VERSIONS.get(scope.inputs["addonName"], "v1.0.0-eksbuild.1")


def certificate_authority(scope: Scope) -> str:
    """Returns the cluster's certificate, encoded as a kubeconfig wants it."""
    return encoded_certificate(*scope.seed("certificate-authority"))


def eks_principal(scope: Scope) -> str:
    """Returns the part of an access entry's ARN that names its principal: kind, account and name."""
    arn = str(scope.inputs["principalArn"])
    kind, _, name = arn.rpartition(":")[2].partition("/")
    return f"{kind}/{scope.context.account}/{name.rpartition('/')[2] or derived_uuid(arn)}"


def eks_user_name(scope: Scope) -> str:
    """Returns the Kubernetes user that a principal becomes: for a role, one a session."""
    arn = str(scope.inputs["principalArn"])
    if ":role/" not in arn:
        return arn
    role = arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")
    return f"{role}/{{{{SessionName}}}}"


def pod_identity_external_id(scope: Scope) -> str | None:
    """Returns the external id by which Pod Identity assumes a role of another account, if it does."""
    return derived_uuid(*scope.seed("external-id")) if scope.inputs.get("targetRoleArn") else None


WORDS: dict[str, Word] = {
    word.__name__: word
    for word in (
        certificate_authority,
        eks_addon_version,
        eks_principal,
        eks_token,
        eks_user_name,
        eks_version,
        pod_identity_external_id,
    )
}
