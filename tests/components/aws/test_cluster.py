import json
import re
from typing import Any

import pulumi_aws as aws
import pytest

from components.aws.cluster import Cluster, ClusterArgs, control_plane_permissions, control_plane_trust, kubeconfig
from components.retention import RetentionClass
from components.roles import PlatformRole
from tests.components.recording import AWS, TAGS, Recording, aws_tags, build, resolve

DEPLOY = "arn:aws:iam::111122223333:role/deploy"
CLUSTER = "aws:eks/cluster:Cluster"
ADDON = "aws:eks/addon:Addon"
NAMES = "1 to 50 lower-case letters, digits and single inner hyphens, the first a letter"
ADMINISTRATOR = {
    "clusterName": "lender-prod",
    "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
    "accessScope": {"type": "cluster"},
}


def _args(**changes: Any) -> ClusterArgs:
    wanted: dict[str, Any] = {
        "cluster_name": "lender-prod",
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1", "subnet-2", "subnet-3"],
        "key": "arn:cluster-key",
        "logs_key": "arn:logs-key",
        "access": {PlatformRole.DEPLOY: DEPLOY},
        "tags": TAGS,
        **AWS,
    }
    return ClusterArgs(**wanted | changes)


def _cluster(**changes: Any) -> Recording:
    return build(lambda: Cluster("lender", _args(**changes)))


def test_the_cluster_is_private_encrypted_logged_and_hard_to_lose() -> None:
    recording = _cluster()

    assert recording.inputs(CLUSTER) == {
        "lender": {
            "name": "lender-prod",
            "version": "1.36",
            "roleArn": "arn:lender-control-plane",
            "vpcConfig": {
                "subnetIds": ["subnet-1", "subnet-2", "subnet-3"],
                "securityGroupIds": ["lender-api-id"],
                "endpointPrivateAccess": True,
                "endpointPublicAccess": False,
            },
            "kubernetesNetworkConfig": {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"},
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "encryptionConfig": {"provider": {"keyArn": "arn:cluster-key"}, "resources": ["secrets"]},
            "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
            "bootstrapSelfManagedAddons": False,
            "upgradePolicy": {"supportType": "STANDARD"},
            "zonalShiftConfig": {"enabled": True},
            "deletionProtection": True,
            "tags": aws_tags(),
        }
    }
    assert recording.one(CLUSTER, "lender").protect


def test_settings_change_the_version_the_clients_and_the_protection_and_nothing_else() -> None:
    default = _cluster().inputs(CLUSTER)["lender"]
    recording = _cluster(
        kubernetes_version="1.35", public_clients=["198.51.100.0/24"], service_cidr="172.30.0.0/16", protect=False
    )

    assert recording.inputs(CLUSTER)["lender"] == default | {
        "version": "1.35",
        "vpcConfig": default["vpcConfig"] | {"endpointPublicAccess": True, "publicAccessCidrs": ["198.51.100.0/24"]},
        "kubernetesNetworkConfig": {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.30.0.0/16"},
        "deletionProtection": False,
    }
    assert not any(resource.protect for resource in recording.resources)


def test_the_log_group_is_there_first_encrypted_and_kept_for_seven_years() -> None:
    recording = _cluster()
    group = recording.one("aws:cloudwatch/logGroup:LogGroup", "lender-logs")

    assert group.inputs == {
        "name": "/aws/eks/lender-prod/cluster",
        "kmsKeyId": "arn:logs-key",
        "retentionInDays": 2557,
        "tags": aws_tags(retention=RetentionClass.AUDIT),
    }
    assert group.protect
    assert "lender-logs" in recording.one(CLUSTER, "lender").depends_on


def test_the_cluster_has_its_permissions_from_its_first_to_its_last_day() -> None:
    assert "lender-look-at-nodes" in _cluster().one(CLUSTER, "lender").depends_on


def test_the_control_plane_looks_at_nodes_and_makes_no_load_balancer() -> None:
    recording = _cluster()
    role = recording.one("aws:iam/role:Role", "lender-control-plane").inputs
    permissions = recording.one("aws:iam/rolePolicy:RolePolicy", "lender-look-at-nodes").inputs

    assert role | {"assumeRolePolicy": json.loads(role["assumeRolePolicy"])} == {
        "description": "Control plane of lender",
        "assumeRolePolicy": control_plane_trust(),
        "tags": aws_tags(),
    }
    assert control_plane_trust()["Statement"] == [
        {
            "Sid": "RunControlPlane",
            "Effect": "Allow",
            "Principal": {"Service": "eks.amazonaws.com"},
            "Action": ["sts:AssumeRole"],
        }
    ]
    assert json.loads(permissions["policy"]) == control_plane_permissions(**AWS, key="arn:cluster-key")
    assert control_plane_permissions(**AWS, key="arn:cluster-key")["Statement"] == [
        {
            "Sid": "NameNodes",
            "Effect": "Allow",
            "Action": ["ec2:CreateTags"],
            "Resource": ["arn:aws:ec2:eu-west-1:111122223333:instance/*"],
            "Condition": {"ForAnyValue:StringLike": {"aws:TagKeys": "kubernetes.io/cluster/*"}},
        },
        {
            "Sid": "LookAtNodes",
            "Effect": "Allow",
            "Action": [
                "ec2:DescribeAvailabilityZones",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeInstanceTopology",
                "ec2:DescribeInstances",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeVpcs",
            ],
            "Resource": ["*"],
        },
        {"Sid": "LookAtKey", "Effect": "Allow", "Action": ["kms:DescribeKey"], "Resource": ["arn:cluster-key"]},
    ]
    assert "lender-control-plane-0" not in {
        attachment["role"]
        for attachment in recording.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment").values()
    }


def test_only_named_neighbours_reach_the_private_endpoint() -> None:
    recording = _cluster(private_clients=["10.9.0.0/24"])

    assert recording.inputs("aws:ec2/securityGroup:SecurityGroup") == {
        "lender-api": {"description": "Kubernetes API of lender", "vpcId": "vpc-1", "tags": aws_tags("lender-api")}
    }
    assert recording.inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == {
        "lender-api-from-10.9.0.0-24": {
            "securityGroupId": "lender-api-id",
            "description": "Kubernetes API from 10.9.0.0/24",
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "cidrIpv4": "10.9.0.0/24",
            "tags": aws_tags(),
        }
    }
    assert _cluster().inputs("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") == {}


def test_each_platform_role_comes_in_with_its_group_and_only_two_administer_without_rbac() -> None:
    recording = _cluster(access={role: f"arn:aws:iam::111122223333:role/{role}" for role in PlatformRole})

    assert recording.inputs("aws:eks/accessEntry:AccessEntry") == {
        f"lender-{role}": {
            "clusterName": "lender-prod",
            "principalArn": f"arn:aws:iam::111122223333:role/{role}",
            "type": "STANDARD",
            "kubernetesGroups": [f"platform:{role}"],
            "tags": aws_tags(),
        }
        for role in PlatformRole
    }
    assert recording.inputs("aws:eks/accessPolicyAssociation:AccessPolicyAssociation") == {
        f"lender-{role}": ADMINISTRATOR | {"principalArn": f"arn:aws:iam::111122223333:role/{role}"}
        for role in ("deploy", "break-glass")
    }
    for role in ("deploy", "break-glass"):
        association = recording.one("aws:eks/accessPolicyAssociation:AccessPolicyAssociation", f"lender-{role}")
        assert f"lender-{role}" in association.depends_on


def test_whoever_sets_the_cluster_up_is_let_in_before_the_way_in_is_known() -> None:
    def program() -> None:
        aws.ssm.Parameter("way-in", type="SecureString", value=Cluster("lender", _args()).kubeconfig)

    assert "lender-deploy" in build(program).one("aws:ssm/parameter:Parameter", "way-in").depends_on


def test_groups_may_be_given_to_people() -> None:
    assert {role.kubernetes_group for role in PlatformRole} == {
        "platform:admin",
        "platform:analyst",
        "platform:auditor",
        "platform:viewer",
        "platform:developer",
        "platform:platform-engineer",
        "platform:deploy",
        "platform:break-glass",
    }


def test_what_nodes_need_is_pinned_and_enforces_network_policies() -> None:
    recording = _cluster()
    pinned = {
        "clusterName": "lender-prod",
        "resolveConflictsOnCreate": "OVERWRITE",
        "resolveConflictsOnUpdate": "OVERWRITE",
        "tags": aws_tags(),
    }
    addons = recording.inputs(ADDON)
    network = addons["lender-vpc-cni"]

    assert addons | {
        "lender-vpc-cni": network | {"configurationValues": json.loads(network["configurationValues"])}
    } == {
        "lender-kube-proxy": pinned | {"addonName": "kube-proxy", "addonVersion": "v1.36.0-eksbuild.25"},
        "lender-eks-pod-identity-agent": pinned
        | {"addonName": "eks-pod-identity-agent", "addonVersion": "v1.3.10-eksbuild.3"},
        "lender-vpc-cni": pinned
        | {
            "addonName": "vpc-cni",
            "addonVersion": "v1.22.4-eksbuild.3",
            "configurationValues": {
                "enableNetworkPolicy": "true",
                "nodeAgent": {"enablePolicyEventLogs": "true"},
                "env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
            },
            "podIdentityAssociations": [{"roleArn": "arn:lender-vpc-cni", "serviceAccount": "aws-node"}],
        },
    }
    assert {"lender-eks-pod-identity-agent", "lender-vpc-cni-usual"} <= recording.one(
        ADDON, "lender-vpc-cni"
    ).depends_on
    assert recording.inputs("aws:iam/rolePolicyAttachment:RolePolicyAttachment") == {
        "lender-vpc-cni-usual": {
            "role": "lender-vpc-cni-0",
            "policyArn": "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
        }
    }


def test_the_way_in_holds_no_secret_and_asks_for_the_callers_own_identity() -> None:
    text = resolve(lambda: Cluster("lender", _args()).kubeconfig)

    assert json.loads(text) == {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "lender-prod",
                "cluster": {"server": "https://lender.eks.amazonaws.com", "certificate-authority-data": "Q0E="},
            }
        ],
        "users": [
            {
                "name": "lender-prod",
                "user": {
                    "exec": {
                        "apiVersion": "client.authentication.k8s.io/v1",
                        "command": "aws",
                        "args": ["eks", "get-token", "--cluster-name", "lender-prod", "--region", "eu-west-1"],
                        "interactiveMode": "Never",
                    }
                },
            }
        ],
        "contexts": [{"name": "lender-prod", "context": {"cluster": "lender-prod", "user": "lender-prod"}}],
        "current-context": "lender-prod",
    }
    assert json.loads(text) == kubeconfig(
        cluster_name="lender-prod",
        region="eu-west-1",
        endpoint="https://lender.eks.amazonaws.com",
        certificate_authority="Q0E=",
    )


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("name", "lender-prod"),
        ("arn", "arn:lender"),
        ("endpoint", "https://lender.eks.amazonaws.com"),
        ("certificate_authority", "Q0E="),
        ("oidc_issuer", "https://oidc.eks.eu-west-1.amazonaws.com/id/LENDER"),
        ("security_group_id", "sg-cluster"),
        ("log_group_name", "/aws/eks/lender-prod/cluster"),
    ],
)
def test_the_cluster_says_how_others_find_it(attribute: str, value: str) -> None:
    assert resolve(lambda: getattr(Cluster("lender", _args()), attribute)) == value


@pytest.mark.parametrize(
    ("argument", "value", "refusal"),
    [
        ("account_id", "1111", "account_id: '1111' is not the twelve digits of an AWS account"),
        (
            "cluster_name",
            "Lender",
            f"cluster_name: 'Lender' is not {NAMES}",
        ),
        (
            "kubernetes_version",
            "1.34",
            "kubernetes_version: '1.34' is not supported, the versions that are: 1.35, 1.36",
        ),
        ("subnet_ids", ["subnet-1"], "subnet_ids: 1 given, EKS asks for subnets in two zones or more"),
        ("service_cidr", "172.20.0.0", "service_cidr: 172.20.0.0 is not between a /12 and a /24"),
        ("service_cidr", "172.20.0.0/25", "service_cidr: 172.20.0.0/25 is not between a /12 and a /24"),
        ("service_cidr", "10.0.0.0/8", "service_cidr: 10.0.0.0/8 is not between a /12 and a /24"),
        ("service_cidr", "54.0.0.0/16", "service_cidr: 54.0.0.0/16 is outside private address space"),
        ("service_cidr", "services", "service_cidr: 'services' is not an IPv4 prefix such as 10.20.0.0/16"),
        ("private_clients", ["54.0.0.0/16"], "private_clients: 54.0.0.0/16 is outside private address space"),
        (
            "private_clients",
            ["10.9.0.1/24"],
            "private_clients: '10.9.0.1/24' is not an IPv4 prefix such as 10.20.0.0/16",
        ),
        (
            "public_clients",
            ["198.51.100.0/24", "0.0.0.0/0"],
            "public_clients: 0.0.0.0/0 would open the API to strangers, the widest prefix is a /16",
        ),
        (
            "public_clients",
            ["128.0.0.0/1"],
            "public_clients: 128.0.0.0/1 would open the API to strangers, the widest prefix is a /16",
        ),
        ("public_clients", ["::/0"], "public_clients: '::/0' is not an IPv4 prefix such as 10.20.0.0/16"),
        ("access", {}, "access: no IAM role for deploy, so that nobody could set the cluster up"),
        (
            "access",
            {PlatformRole.DEPLOY: "arn:aws:sts::111122223333:assumed-role/deploy/ci"},
            "access[deploy]: 'arn:aws:sts::111122223333:assumed-role/deploy/ci' is not the ARN of an IAM role",
        ),
    ],
)
def test_wrong_arguments_are_refused_by_name(argument: str, value: Any, refusal: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(refusal)}$"):
        _args(**{argument: value})
