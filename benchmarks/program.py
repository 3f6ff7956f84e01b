"""A made-up program of a given size over both clouds, the same for the engine and for plain mocks."""

import pulumi
import pulumi_aws as aws
import pulumi_gcp as gcp

_GROUP = 8  # resources that one turn of the loop makes


def build(size: int) -> None:
    """Registers about `size` resources: keys, buckets with their companions, log groups, topics."""
    europe = aws.Provider("aws", region="eu-west-1", allowed_account_ids=["111122223333"])
    google = gcp.Provider("gcp", project="covenant-bench", region="europe-west1")
    on_aws, on_gcp = pulumi.ResourceOptions(provider=europe), pulumi.ResourceOptions(provider=google)
    ring = gcp.kms.KeyRing("ring", name="bench", location="europe-west1", opts=on_gcp)
    for index in range(size // _GROUP):
        tags = {"owner": "bench", "environment": "staging", "retention": "logs"}
        key = aws.kms.Key(f"key-{index}", enable_key_rotation=True, rotation_period_in_days=90, tags=tags, opts=on_aws)
        bucket = aws.s3.Bucket(f"bucket-{index}", bucket=f"covenant-bench-{index}", tags=tags, opts=on_aws)
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"encryption-{index}",
            bucket=bucket.id,
            rules=[
                {
                    "apply_server_side_encryption_by_default": {
                        "sse_algorithm": "aws:kms",
                        "kms_master_key_id": key.arn,
                    },
                    "bucket_key_enabled": True,
                }
            ],
            opts=on_aws,
        )
        aws.s3.BucketPublicAccessBlock(
            f"block-{index}",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=on_aws,
        )
        aws.cloudwatch.LogGroup(f"logs-{index}", retention_in_days=365, kms_key_id=key.arn, tags=tags, opts=on_aws)
        crypto = gcp.kms.CryptoKey(
            f"crypto-{index}", name=f"data-{index}", key_ring=ring.id, rotation_period="7776000s", opts=on_gcp
        )
        gcp.storage.Bucket(
            f"objects-{index}",
            name=f"covenant-bench-{index}",
            location="EUROPE-WEST1",
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            encryption={"default_kms_key_name": crypto.id},
            opts=on_gcp,
        )
        gcp.pubsub.Topic(f"topic-{index}", name=f"topic-{index}", kms_key_name=crypto.id, opts=on_gcp)
