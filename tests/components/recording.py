"""Builds components under mocks and keeps what they registered, so that tests compare whole resources."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.rpc import deserialize_properties

from components.retention import RetentionClass
from components.tags import Classification, DataKind, Tags

AWS = {"account_id": "111122223333", "region": "eu-west-1"}
GCP = {"project": "lender-staging", "region": "europe-west3"}
TAGS = Tags(
    owner="risk-platform",
    environment="staging",
    system="scoring",
    cost_centre="CC-4711",
    classification=Classification.RESTRICTED,
    data_kind=DataKind.PII,
    rpo_minutes=5,
    rto_minutes=30,
)
STORAGE_AGENT = "serviceAccount:service-42@gs-project-accounts.iam.gserviceaccount.com"
SQL_AGENT = "serviceAccount:service-42@gcp-sa-cloud-sql.iam.gserviceaccount.com"


def aws_tags(name: str | None = None, retention: RetentionClass | None = None) -> dict[str, str]:
    """TAGS as a resource on AWS must carry them."""
    return (
        ({"Name": name} if name else {})
        | {
            "owner": "risk-platform",
            "environment": "staging",
            "system": "scoring",
            "cost-centre": "CC-4711",
            "data-classification": "restricted",
            "data-kind": "pii",
            "rpo-minutes": "5",
            "rto-minutes": "30",
        }
        | ({"retention": str(retention)} if retention else {})
    )


def gcp_labels(retention: RetentionClass | None = None) -> dict[str, str]:
    """TAGS as a resource on Google Cloud must carry them."""
    return aws_tags(retention=retention) | {"cost-centre": "cc-4711"}


@dataclass(frozen=True)
class Registered:
    """A resource that was registered with the engine."""

    token: str
    name: str
    inputs: dict[str, Any]
    parent: str
    protect: bool
    depends_on: frozenset[str]
    ignore_changes: tuple[str, ...]


class Recording:
    """All that one build registered."""

    def __init__(self, resources: list[Registered]) -> None:
        self.resources = resources

    def inputs(self, token: str) -> dict[str, dict[str, Any]]:
        """The inputs of each resource of a type, by name."""
        return {resource.name: resource.inputs for resource in self.resources if resource.token == token}

    def one(self, token: str, name: str) -> Registered:
        """The one resource of that type and name."""
        (found,) = (resource for resource in self.resources if (resource.token, resource.name) == (token, name))
        return found


def build(program: Callable[[], object], *, preview: bool = False) -> Recording:
    """Runs a program under mocks to its end; in a preview nothing that a cloud decides is known."""
    monitor = _Monitor(_Answers(preview=preview))
    pulumi.runtime.set_mocks(monitor.mocks, project="covenant", stack="staging", preview=preview, monitor=monitor)
    pulumi.runtime.test(_outputless(program))()
    return Recording(monitor.registered)


def resolve(make: Callable[[], pulumi.Output[Any]]) -> Any:
    """The value of an output that a program makes."""
    values: list[Any] = []
    build(lambda: make().apply(values.append))
    (value,) = values
    return value


def _outputless(program: Callable[[], object]) -> Callable[[], object]:
    """Awaits an output that the program returns, and only that: components can't be awaited."""

    def run() -> object:
        result = program()
        return result if isinstance(result, pulumi.Output) else None

    return run


class _Monitor(MockMonitor):
    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.registered: list[Registered] = []

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 # the engine's name
        if request.type != "pulumi:pulumi:Stack":
            self.registered.append(
                Registered(
                    token=request.type,
                    name=request.name,
                    inputs=deserialize_properties(request.object),
                    parent=_name(request.parent),
                    protect=request.protect,
                    depends_on=frozenset(_name(urn) for urn in request.dependencies),
                    ignore_changes=tuple(request.ignoreChanges),
                )
            )
        return super().RegisterResource(request)


class _Answers(Mocks):
    def __init__(self, *, preview: bool) -> None:
        self._preview = preview

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if self._preview:
            return "", args.inputs
        return f"{args.name}-id", args.inputs | _computed(args)

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        answers = {
            "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {"member": STORAGE_AGENT},
            "aws:ec2/getManagedPrefixList:getManagedPrefixList": {"id": f"pl-of-{args.args.get('name')}"},
        }
        return answers[args.token]


def _computed(args: MockResourceArgs) -> dict[str, Any]:
    """What a cloud would make up, told apart by the resource's name."""
    if args.typ.startswith("aws:"):
        own = {
            "aws:rds/instance:Instance": {
                "address": "lender.abc.eu-west-1.rds.amazonaws.com",
                "endpoint": "lender.abc.eu-west-1.rds.amazonaws.com:5432",
                "resourceId": "db-ABC",
            },
            "aws:kms/key:Key": {"keyId": f"{args.name}-key"},
            "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 7},
            "aws:eks/cluster:Cluster": {
                "endpoint": "https://lender.eks.amazonaws.com",
                "certificateAuthority": {"data": "Q0E="},
                "identities": [{"oidcs": [{"issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/LENDER"}]}],
                "vpcConfig": {"clusterSecurityGroupId": "sg-cluster"},
            },
            "aws:eks/nodeGroup:NodeGroup": {"resources": [{"autoscalingGroups": [{"name": f"eks-{args.name}"}]}]},
            "aws:sqs/queue:Queue": {"url": f"https://sqs.eu-west-1.amazonaws.com/111122223333/{args.name}"},
            "aws:acm/certificate:Certificate": {
                "domainValidationOptions": [
                    {
                        "resourceRecordName": f"_proof.{args.inputs.get('domainName')}",
                        "resourceRecordType": "CNAME",
                        "resourceRecordValue": "_value.acm-validations.aws",
                    }
                ]
            },
            "aws:route53/record:Record": {"fqdn": args.inputs.get("name")},
            "aws:lb/loadBalancer:LoadBalancer": {
                "dnsName": f"{args.name}.elb.amazonaws.com",
                "zoneId": "ZONE-OF-BALANCERS",
                "arnSuffix": f"app/{args.name}",
            },
            "aws:lb/targetGroup:TargetGroup": {"arnSuffix": f"targetgroup/{args.name}"},
            "aws:cloudfront/distribution:Distribution": {
                "domainName": f"{args.name}.cloudfront.net",
                "hostedZoneId": "ZONE-OF-DISTRIBUTIONS",
            },
            "aws:elasticache/replicationGroup:ReplicationGroup": {
                "primaryEndpointAddress": f"master.{args.name}.cache.amazonaws.com",
                "readerEndpointAddress": f"replica.{args.name}.cache.amazonaws.com",
            },
            "aws:ecr/repository:Repository": {
                "repositoryUrl": f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/{args.inputs.get('name')}"
            },
            "aws:ec2/eip:Eip": {"allocationId": f"{args.name}-allocation", "publicIp": "198.51.100.1"},
        }.get(args.typ, {})
        return {"arn": f"arn:{args.name}", "name": args.inputs.get("name", f"{args.name}-0"), **own}
    own = {
        "gcp:sql/databaseInstance:DatabaseInstance": {
            "privateIpAddress": "10.64.160.3",
            "connectionName": "lender-staging:europe-west3:lender",
        },
        "gcp:projects/serviceIdentity:ServiceIdentity": {"member": SQL_AGENT},
        "gcp:serviceaccount/account:Account": {
            "email": "scoring-api@lender-staging.iam.gserviceaccount.com",
            "member": "serviceAccount:scoring-api@lender-staging.iam.gserviceaccount.com",
            "name": "projects/lender-staging/serviceAccounts/scoring-api",
        },
        "gcp:compute/address:Address": {"address": "198.51.100.1"},
    }.get(args.typ, {})
    return {"selfLink": f"link:{args.name}", "name": args.inputs.get("name", f"{args.name}-0"), **own}


def _name(urn: str) -> str:
    return urn.rsplit("::", maxsplit=1)[-1]
