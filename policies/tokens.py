"""Type tokens that several topics share; each set holds a type's deprecated spellings too."""

from typing import Final

S3_BUCKET: Final = "aws:s3/bucket:Bucket"
S3_BUCKET_V2: Final = "aws:s3/bucketV2:BucketV2"
S3_BUCKETS: Final = frozenset({S3_BUCKET, S3_BUCKET_V2})

RDS_INSTANCE: Final = "aws:rds/instance:Instance"
RDS_CLUSTER: Final = "aws:rds/cluster:Cluster"
RDS_CLUSTER_INSTANCE: Final = "aws:rds/clusterInstance:ClusterInstance"

CLOUD_SQL: Final = "gcp:sql/databaseInstance:DatabaseInstance"
GCS_BUCKET: Final = "gcp:storage/bucket:Bucket"
