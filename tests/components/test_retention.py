from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.retention import RETENTION, RetentionClass, days_of


def test_data_is_kept_as_long_as_promised() -> None:
    kept = {name: (meaning.days, meaning.newest_versions) for name, meaning in RETENTION.items()}

    assert kept == {
        RetentionClass.LIVE: (None, None),
        RetentionClass.MODELS: (None, 10),
        RetentionClass.BACKUP_FULL: (90, None),
        RetentionClass.BACKUP_DIFFERENTIAL: (30, None),
        RetentionClass.BACKUP_STREAM: (35, None),
        RetentionClass.BACKUP_DAILY: (35, None),
        RetentionClass.BACKUP_WEEKLY: (365, None),
        RetentionClass.LOGS: (365, None),
        RetentionClass.AUDIT: (2557, None),
        RetentionClass.METRICS: (30, None),
    }


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2090, 12, 31)))
def test_audit_records_outlive_seven_years_whenever_they_begin(begin: date) -> None:
    try:
        seven_years_later = begin.replace(year=begin.year + 7)
    except ValueError:
        seven_years_later = date(begin.year + 7, 3, 1)

    assert begin + timedelta(days=days_of(RetentionClass.AUDIT)) >= seven_years_later


@pytest.mark.parametrize("retention", [RetentionClass.LOGS, RetentionClass.AUDIT])
def test_log_groups_can_be_kept_for_the_days_of_their_class(retention: RetentionClass) -> None:
    # The only periods that CloudWatch Logs knows (PutRetentionPolicy).
    known = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)

    assert days_of(retention) in known


def test_nothing_moves_to_cold_storage_that_bills_longer_than_it_lives() -> None:
    # Glacier Instant Retrieval and Coldline bill 90 days at least.
    for name, meaning in RETENTION.items():
        if meaning.cold_after_days is not None:
            assert days_of(name) - meaning.cold_after_days >= 90


def test_what_has_no_days_can_not_be_locked_by_days() -> None:
    with pytest.raises(
        ValueError, match=r"retention: live sets no number of days; the classes that do are backup-full, "
    ):
        days_of(RetentionClass.LIVE)
