import pytest

from components.windows import BACKUP_END, BACKUP_START, MaintenanceWindow, Weekday


def test_a_window_in_the_words_of_both_clouds() -> None:
    window = MaintenanceWindow(day=Weekday.SUNDAY, hour=9)

    assert (window.aws, window.gcp_day, window.hour) == ("sun:09:00-sun:10:00", 7, 9)


@pytest.mark.parametrize("hour", range(24))
def test_no_service_restarts_while_backups_are_made_or_checked(hour: int) -> None:
    assert (BACKUP_START, BACKUP_END) == ("00:00", "01:30")
    if 6 <= hour <= 22:
        MaintenanceWindow(hour=hour)
        return
    with pytest.raises(
        ValueError, match=rf"^MaintenanceWindow\.hour: {hour} is not free: maintenance starts from 6 to 22"
    ):
        MaintenanceWindow(hour=hour)
