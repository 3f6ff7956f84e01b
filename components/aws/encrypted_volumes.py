"""What a role needs to make volumes that a customer's key encrypts, beside the right to make volumes at all."""

import pulumi

from components.aws.documents import Statement, statement


def volume_key_statements(key: pulumi.Input[str], region: str) -> tuple[Statement, ...]:
    """Lets EC2 use a key in a role's name, and the volume go on using it ("Amazon EBS encryption", permissions)."""
    through_ec2 = {"kms:ViaService": f"ec2.{region}.amazonaws.com"}
    return (
        statement(
            "EncryptVolumes",
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ],
            resources=[key],
            condition={"StringEquals": through_ec2},
        ),
        statement(
            "LetVolumesKeepUsingTheKey",
            actions=["kms:CreateGrant"],
            resources=[key],
            condition={"StringEquals": through_ec2, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )
