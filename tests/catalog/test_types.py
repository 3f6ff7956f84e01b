from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cronsim import CronSim
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from catalog.types import amount, checked_cron


@pytest.mark.parametrize(
    "expression",
    [
        "0 2 * * 0",
        "0 2 * * 1-6",
        "*/15 * * * *",
        "0 6 * * *",
        "0 8 * * 1",
        "30 4 1,15 * mon",
        "0 0 29 2 *",
        "0 0 1 JAN-MAR *",
    ],
)
def test_schedules_of_the_seeds_and_of_kubernetes_are_taken_as_written(expression: str) -> None:
    assert checked_cron(expression) == expression


FIELDS = "must have the five fields minute, hour, day, month, weekday"
SIGNS = "must hold only numbers, names of months and weekdays, and the signs * , - /"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", FIELDS),
        ("@daily", FIELDS),
        ("0 0 2 * * *", FIELDS),
        ("60 * * * *", "is no schedule: bad minute"),
        ("0 24 * * *", "is no schedule: bad hour"),
        ("0 0 31 2 *", "is no schedule: bad day-of-month"),
        ("0 0 * 13 *", "is no schedule: bad month"),
        ("0 0 * * 6-1", "is no schedule: bad day-of-week"),
        ("*/0 * * * *", "is no schedule: bad minute"),
        ("0 2 * * 7", "must write Sunday as 0, for Kubernetes refuses 7"),
        ("0 2 * * 5-7", "must write Sunday as 0, for Kubernetes refuses 7"),
        ("0 2 L * *", SIGNS),
        ("0 2 LW * *", SIGNS),
        ("0 2 * * 1#2", SIGNS),
        ("0 2 ? * *", SIGNS),
        ("5- * * * *", SIGNS),
        ("٣ 2 * * *", SIGNS),
    ],
)
def test_what_kubernetes_cannot_run_is_refused(expression: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        checked_cron(expression)
    assert str(caught.value) == problem


CRON_FIELD = st.sampled_from(["*", "0", "1", "5", "29", "30", "31", "1-5", "*/7", "2,3", "FEB", "sun", "7", "L", "1/2"])


@hypothesis_settings(deadline=None)
@given(st.text() | st.lists(CRON_FIELD, min_size=5, max_size=5).map(" ".join))
def test_what_is_not_refused_comes_due(expression: str) -> None:
    try:
        checked_cron(expression)
    except ValueError:
        return
    first = next(CronSim(expression.upper(), datetime(2000, 1, 1, tzinfo=UTC)))
    assert first.second == 0


@pytest.mark.parametrize(
    ("quantity", "number"),
    [("500m", "0.5"), ("2", "2"), ("0.1", "0.1"), ("1k", "1000"), ("512Mi", "536870912"), ("1.5Gi", "1610612736")],
)
def test_quantities_mean_what_they_mean_in_kubernetes(quantity: str, number: str) -> None:
    assert amount(quantity) == Decimal(number)


@pytest.mark.parametrize("quantity", ["", "0", "0Mi", "-1", "1 Gi", "1gb", "1e3", "Mi", "٣", "half"])
def test_what_is_no_quantity_above_zero_is_refused(quantity: str) -> None:
    with pytest.raises(ValueError, match="must be a quantity above zero"):
        amount(quantity)
