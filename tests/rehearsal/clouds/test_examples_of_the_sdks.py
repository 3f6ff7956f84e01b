"""The examples in the SDKs' documentation pass, but for those that are wrong."""

import pytest

from rehearsal.clouds.checks import check
from tests.rehearsal.clouds.examples_of_the_sdks import resources

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pulumi_")

# The parts of the SDKs that the platform builds on.
PARTS = [
    "aws.accessanalyzer",
    "aws.acm",
    "aws.alb",
    "aws.autoscaling",
    "aws.backup",
    "aws.budgets",
    "aws.cfg",
    "aws.cloudfront",
    "aws.cloudtrail",
    "aws.cloudwatch",
    "aws.costexplorer",
    "aws.ec2",
    "aws.ec2transitgateway",
    "aws.ecr",
    "aws.eks",
    "aws.elasticache",
    "aws.fis",
    "aws.guardduty",
    "aws.iam",
    "aws.inspector2",
    "aws.kms",
    "aws.lb",
    "aws.rds",
    "aws.route53",
    "aws.s3",
    "aws.s3control",
    "aws.scheduler",
    "aws.secretsmanager",
    "aws.securityhub",
    "aws.shield",
    "aws.sns",
    "aws.sqs",
    "aws.ssm",
    "aws.vpc",
    "aws.wafv2",
    "gcp.artifactregistry",
    "gcp.bigquery",
    "gcp.billing",
    "gcp.binaryauthorization",
    "gcp.certificatemanager",
    "gcp.compute",
    "gcp.container",
    "gcp.dns",
    "gcp.gkebackup",
    "gcp.iam",
    "gcp.kms",
    "gcp.logging",
    "gcp.memorystore",
    "gcp.monitoring",
    "gcp.organizations",
    "gcp.orgpolicy",
    "gcp.projects",
    "gcp.pubsub",
    "gcp.redis",
    "gcp.secretmanager",
    "gcp.serviceaccount",
    "gcp.servicenetworking",
    "gcp.sql",
    "gcp.storage",
    "random",
]

NAME = "must be 1 to 63 of a-z, 0-9 and hyphens, a letter first and no hyphen last, not "
ACCOUNT = "must be 6 to 30 of a-z, 0-9 and hyphens, a letter first and no hyphen last, not "

# What is wrong with their examples: names of another version, placeholders, names that the cloud's own rules forbid.
WRONG = {
    "aws.cloudwatch": {
        ("ContributorManagedInsightRule.rule_state", "unknown property `rule_state`, did you mean `state`?"),
    },
    "aws.ec2": {
        ("Route.destinationCidrBlock", "`10.0.1.0/22` has bits set beyond its prefix: the block is `10.0.0.0/22`"),
    },
    "aws.guardduty": {
        (
            "Detector.datasources",
            "deprecated: datasources is deprecated. Use guardduty.DetectorFeature resources instead.",
        ),
        ("DetectorFeature.account_id", "unknown property `account_id`"),
        ("MalwareProtectionPlan.actions[0].tagging", "unknown property `tagging`, did you mean `taggings`?"),
        (
            "OrganizationConfiguration.datasources",
            (
                "deprecated: datasources is deprecated. "
                'Use "guardduty.OrganizationConfigurationFeature" resources instead.'
            ),
        ),
    },
    "aws.iam": {
        (
            "Policy.policy",
            (
                "`{ ... policy JSON ... }` is not JSON: "
                "Expecting property name enclosed in double quotes in line 1, column 3"
            ),
        ),
        ("SigningCertificate.username", "unknown property `username`, did you mean `userName`?"),
    },
    "aws.rds": {
        (
            "Cluster.clusterIdentifier",
            (
                "must be 1 to 63 of a-z, 0-9 and hyphens, a letter first, no hyphen last or twice in a row, "
                "not `development_cluster`"
            ),
        ),
    },
    "aws.route53": {
        ("Vpc.cidr", "unknown property `cidr`"),
    },
    "aws.wafv2": {
        ("RuleGroup.captcha_config", "unknown property `captcha_config`"),
    },
    "gcp.compute": {
        ("Address.name", f"{NAME}`my-internal-address-`"),
        ("ForwardingRule.name", f"{NAME}`tf-test-forwarding-rule-_40785`"),
        ("InstanceGroupManager.instance_template", "unknown property `instance_template`"),
        ("Network.name", f"{NAME}`tf-test-network-_75092`"),
        ("NetworkEdgeSecurityService.name", f"{NAME}`tf-test-edgesec_55138`"),
        ("RegionBackendService.name", f"{NAME}`tf-test-backend-service-_29439`"),
        ("RegionHealthCheck.name", f"{NAME}`tf-test-health-check-_22375`"),
        ("RegionSecurityPolicy.name", f"{NAME}`tf-test-policyddos_75413`"),
        ("RegionTargetHttpProxy.name", f"{NAME}`tf-test-target-http-proxy-_2067`"),
        ("RegionUrlMap.name", f"{NAME}`tf-test-url-map-_87786`"),
        ("RolloutPlan.name", f"{NAME}`tf-test-rollout-plan-_79169`"),
        ("RouterPeer.name", f"{NAME}`%s-peer`"),
        ("SecurityPolicy.name", f"{NAME}`%s`"),
        ("Snapshot.name", f"{NAME}`snapDisk`"),
        ("Subnetwork.ipCidrRange", "`10.0.0.1/16` has bits set beyond its prefix: the block is `10.0.0.0/16`"),
        ("Subnetwork.name", f"{NAME}`tf-test-default-subnetwork-_34535`"),
        ("Subnetwork.name", f"{NAME}`tf-test-proxy-subnetwork-_2605`"),
        ("Subnetwork.name", f"{NAME}`tf-test-subnet_56529`"),
    },
    "gcp.iam": {
        ("Account.accountId", f"{ACCOUNT}`ap-sa-`"),
        ("Account.accountId", f"{ACCOUNT}`svc-acc-`"),
        (
            "WorkforcePoolProvider.extendedAttributesOauth2Client",
            "deprecated: `extended_attributes_oauth2_client` is deprecated. Use SCIM instead.",
        ),
    },
    "gcp.logging": {
        ("BillingAccountBucketConfig.folder", "unknown property `folder`"),
    },
    "gcp.projects": {
        ("Account.accountId", f"{ACCOUNT}`app`"),
    },
}


@pytest.mark.parametrize("part", PARTS)
def test_only_wrong_examples_are_refused(part):
    found = {
        (f"{token.rpartition(':')[2]}.{problem.path}", problem.reason)
        for token, inputs in resources(part)
        for problem in check(token, inputs)
    }
    # Many examples show only a part of a resource.
    assert {each for each in found if "must be given" not in each[1] and "missing" not in each[1]} == WRONG.get(
        part, set()
    )
