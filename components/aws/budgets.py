"""What the account may cost, and who hears of it when it costs more or behaves strangely."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components.checks import check_name
from components.tags import TAG_KEYS, Tags

ACTUAL_PERCENT: Final = (80, 100)
"""Shares of a month's budget that were spent, at each of which somebody is told."""

FORECAST_PERCENT: Final = 100
"""The share of a month's budget at which somebody is told that the month is going to reach it."""

_NAME = re.compile(r"[^:\\]{1,60}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MAX_EMAILS: Final = 10


@dataclass(frozen=True, kw_only=True)
class BudgetsArgs:
    """Limits and those who hear of them.

    Attributes:
        monthly_usd: What the account may cost in a month, in US dollars.
        anomaly_usd: What an unexpected rise must cost until somebody is told, in US dollars.
        topic_arn: The topic that is told at once. It must let `budgets.amazonaws.com` and
            `costalerts.amazonaws.com` send.
        tags: Tags of everything that belongs to it.
        emails: Addresses that are told too: of budgets at once, of unexpected rises once a day.
        cost_centres: What single cost centres may cost in a month. The tag for cost centres has to be activated
            for cost allocation, which the organisation's paying account does.
        anomaly_monitor_arn: The account's monitor of services, where it has one: AWS allows one, and makes it by
            itself for whoever opens Cost Explorer for the first time. None makes it here.

    Raises:
        ValueError: A limit is not above zero, or an address or name is written wrongly.
    """

    monthly_usd: int
    anomaly_usd: int
    topic_arn: pulumi.Input[str]
    tags: Tags
    emails: Sequence[str] = ()
    cost_centres: Mapping[str, int] = field(default_factory=dict[str, int])
    anomaly_monitor_arn: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        limits = {"monthly_usd": self.monthly_usd, "anomaly_usd": self.anomaly_usd}
        limits |= {f"cost_centres[{centre}]": limit for centre, limit in self.cost_centres.items()}
        for argument, limit in limits.items():
            if limit <= 0:
                raise ValueError(f"{argument}: {limit} is not above zero")
        for centre in self.cost_centres:
            check_name("cost_centres", centre, _NAME, "1 to 60 characters without : and \\")
        if len(self.emails) > _MAX_EMAILS:
            raise ValueError(f"emails: {len(self.emails)} given, a budget tells {_MAX_EMAILS} at most")
        for email in self.emails:
            check_name("emails", email, _EMAIL, "an e-mail address")


class Budgets(pulumi.ComponentResource):
    """Monthly budgets, and a watch over costs that rise unexpectedly.

    Example:
        >>> args = BudgetsArgs(monthly_usd=9000, anomaly_usd=200, topic_arn=topic.arn, tags=tags)
        >>> budgets = Budgets("lender", args)
    """

    def __init__(self, name: str, args: BudgetsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("covenant:aws:Budgets", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        _budget(name, args.monthly_usd, (), args, child)
        for centre, limit in args.cost_centres.items():
            _budget(f"{name}-{centre}", limit, [f"user:{TAG_KEYS['cost_centre']}${centre}"], args, child)
        self._anomalies(name, args)
        self.register_outputs({})

    def _anomalies(self, name: str, args: BudgetsArgs) -> None:
        child = pulumi.ResourceOptions(parent=self)
        monitor = args.anomaly_monitor_arn
        if monitor is None:
            monitor = aws.costexplorer.AnomalyMonitor(
                name,
                name=f"{name}-services",
                monitor_type="DIMENSIONAL",
                monitor_dimension="SERVICE",
                tags=args.tags.aws(),
                opts=child,
            ).arn
        subscriber = aws.costexplorer.AnomalySubscriptionSubscriberArgs
        reports = {"IMMEDIATE": [subscriber(type="SNS", address=args.topic_arn)]}
        if args.emails:
            # Cost Explorer sends e-mail no more often than this.
            reports["DAILY"] = [subscriber(type="EMAIL", address=email) for email in args.emails]
        for frequency, subscribers in reports.items():
            report = f"{name}-{frequency.lower()}"
            aws.costexplorer.AnomalySubscription(
                report,
                name=report,
                frequency=frequency,
                monitor_arn_lists=[monitor],
                subscribers=subscribers,
                threshold_expression=_costs_at_least(args.anomaly_usd),
                tags=args.tags.aws(),
                opts=child,
            )


def _budget(
    name: str, limit: int, tag_values: Sequence[str], args: BudgetsArgs, opts: pulumi.ResourceOptions
) -> aws.budgets.Budget:
    return aws.budgets.Budget(
        name,
        name=name,
        budget_type="COST",
        time_unit="MONTHLY",
        limit_amount=str(limit),
        limit_unit="USD",
        cost_filters=[aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=tag_values)] if tag_values else None,
        notifications=[
            *(_notification("ACTUAL", percent, args) for percent in ACTUAL_PERCENT),
            _notification("FORECASTED", FORECAST_PERCENT, args),
        ],
        tags=args.tags.aws(),
        opts=opts,
    )


def _notification(kind: str, percent: int, args: BudgetsArgs) -> aws.budgets.BudgetNotificationArgs:
    return aws.budgets.BudgetNotificationArgs(
        notification_type=kind,
        comparison_operator="GREATER_THAN",
        threshold=percent,
        threshold_type="PERCENTAGE",
        subscriber_sns_topic_arns=[args.topic_arn],
        subscriber_email_addresses=list(args.emails) or None,
    )


def _costs_at_least(usd: int) -> aws.costexplorer.AnomalySubscriptionThresholdExpressionArgs:
    return aws.costexplorer.AnomalySubscriptionThresholdExpressionArgs(
        dimension=aws.costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
            key="ANOMALY_TOTAL_IMPACT_ABSOLUTE", match_options=["GREATER_THAN_OR_EQUAL"], values=[str(usd)]
        )
    )
