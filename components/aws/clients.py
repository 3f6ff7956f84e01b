"""Who may connect to a store in the data subnets."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.cidr import is_private
from components.tags import Tags


def check_clients(security_groups: Mapping[str, pulumi.Input[str]], cidr_blocks: Sequence[str]) -> None:
    """Refuses a store that nobody could reach, or that more than the platform's own networks could.

    Raises:
        ValueError: No client is given, or a prefix is not private; the message names the argument.
    """
    if not security_groups and not cidr_blocks:
        raise ValueError("client_security_groups: nobody may connect; name groups, or prefixes in client_cidr_blocks")
    for block in cidr_blocks:
        if not is_private(block):
            raise ValueError(f"client_cidr_blocks: {block!r} is not a private IPv4 prefix such as 10.20.0.0/19")


def guarding_group(
    name: str,
    *,
    store: str,
    port: int,
    vpc_id: pulumi.Input[str],
    security_groups: Mapping[str, pulumi.Input[str]],
    cidr_blocks: Sequence[str],
    tags: Tags,
    parent: pulumi.Resource,
) -> aws.ec2.SecurityGroup:
    """The security group of a store: clients may call in; it calls nobody, so there is no rule outwards."""
    child = pulumi.ResourceOptions(parent=parent)
    group = aws.ec2.SecurityGroup(
        name,
        # A new description means a new group: keep it.
        description=f"{store} {name}",
        vpc_id=vpc_id,
        tags=tags.aws(name=name),
        opts=child,
    )
    for client, source in security_groups.items():
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{client}",
            security_group_id=group.id,
            description=f"{store} from {client}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            referenced_security_group_id=source,
            tags=tags.aws(),
            opts=child,
        )
    for block in cidr_blocks:
        aws.vpc.SecurityGroupIngressRule(
            f"{name}-from-{block.replace('/', '-')}",
            security_group_id=group.id,
            description=f"{store} from {block}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            cidr_ipv4=block,
            tags=tags.aws(),
            opts=child,
        )
    return group
