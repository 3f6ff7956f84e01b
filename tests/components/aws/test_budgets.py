import re
from typing import Any

import pytest

from components.aws.budgets import Budgets, BudgetsArgs
from tests.components.recording import TAGS, Recording, aws_tags, build


def _args(**changes: Any) -> BudgetsArgs:
    wanted: dict[str, Any] = {"monthly_usd": 9000, "anomaly_usd": 200, "topic_arn": "arn:costs", "tags": TAGS}
    return BudgetsArgs(**wanted | changes)


def _budgets(**changes: Any) -> Recording:
    return build(lambda: Budgets("lender", _args(**changes)))


def _budget(name: str, limit: str, **more: Any) -> dict[str, Any]:
    to = {"subscriberSnsTopicArns": ["arn:costs"]} | more.pop("to", {})
    over = {"comparisonOperator": "GREATER_THAN", "thresholdType": "PERCENTAGE"} | to
    return {
        "name": name,
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": limit,
        "limitUnit": "USD",
        "notifications": [
            over | {"notificationType": "ACTUAL", "threshold": 80},
            over | {"notificationType": "ACTUAL", "threshold": 100},
            over | {"notificationType": "FORECASTED", "threshold": 100},
        ],
        "tags": aws_tags(),
        **more,
    }


def _subscription(name: str, frequency: str, kind: str, address: str) -> dict[str, Any]:
    return {
        "name": name,
        "frequency": frequency,
        "monitorArnLists": ["arn:lender"],
        "subscribers": [{"type": kind, "address": address}],
        "thresholdExpression": {
            "dimension": {
                "key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
                "matchOptions": ["GREATER_THAN_OR_EQUAL"],
                "values": ["200"],
            }
        },
        "tags": aws_tags(),
    }


def test_somebody_hears_before_and_when_the_month_gets_too_dear() -> None:
    recording = _budgets(emails=["costs@example.com"], cost_centres={"cc-4100": 700})
    to = {"subscriberEmailAddresses": ["costs@example.com"]}

    assert recording.inputs("aws:budgets/budget:Budget") == {
        "lender": _budget("lender", "9000", to=to),
        "lender-cc-4100": _budget(
            "lender-cc-4100",
            "700",
            to=to,
            costFilters=[{"name": "TagKeyValue", "values": ["user:cost-centre$cc-4100"]}],
        ),
    }


def test_a_rise_that_nobody_expected_is_told_at_once_and_by_mail_the_next_day() -> None:
    recording = _budgets(emails=["costs@example.com"])

    assert recording.inputs("aws:costexplorer/anomalyMonitor:AnomalyMonitor") == {
        "lender": {
            "name": "lender-services",
            "monitorType": "DIMENSIONAL",
            "monitorDimension": "SERVICE",
            "tags": aws_tags(),
        }
    }
    assert recording.inputs("aws:costexplorer/anomalySubscription:AnomalySubscription") == {
        "lender-immediate": _subscription("lender-immediate", "IMMEDIATE", "SNS", "arn:costs"),
        "lender-daily": _subscription("lender-daily", "DAILY", "EMAIL", "costs@example.com"),
    }


def test_without_addresses_the_topic_alone_is_told() -> None:
    recording = _budgets()

    assert recording.inputs("aws:budgets/budget:Budget") == {"lender": _budget("lender", "9000")}
    assert list(recording.inputs("aws:costexplorer/anomalySubscription:AnomalySubscription")) == ["lender-immediate"]


def test_a_monitor_that_the_account_has_already_is_used() -> None:
    recording = _budgets(anomaly_monitor_arn="arn:default-monitor")
    subscriptions = recording.inputs("aws:costexplorer/anomalySubscription:AnomalySubscription")

    assert recording.inputs("aws:costexplorer/anomalyMonitor:AnomalyMonitor") == {}
    assert subscriptions["lender-immediate"]["monitorArnLists"] == ["arn:default-monitor"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"monthly_usd": 0}, "monthly_usd: 0 is not above zero"),
        ({"anomaly_usd": -1}, "anomaly_usd: -1 is not above zero"),
        ({"cost_centres": {"cc-1": 0}}, "cost_centres[cc-1]: 0 is not above zero"),
        ({"cost_centres": {"cc:1": 5}}, "cost_centres: 'cc:1' is not 1 to 60 characters without : and \\"),
        ({"emails": ["costs"]}, "emails: 'costs' is not an e-mail address"),
        ({"emails": ["a@example.com"] * 11}, "emails: 11 given, a budget tells 10 at most"),
    ],
)
def test_a_wrong_argument_is_refused_by_name(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _args(**changes)
