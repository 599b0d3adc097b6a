"""The hour of a test: it stands still until the test moves it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock:
    """`now` is aware and in UTC, like every hour inside the program."""

    def __init__(self, text: str) -> None:
        self.now = _moment(text)

    def go_to(self, text: str) -> datetime:
        """Move to a moment, ISO 8601; without an offset it is Beijing time."""
        self.now = _moment(text)
        return self.now

    def forward(self, **lengths: float) -> datetime:
        """Move on by `days=`, `hours=`, `minutes=`, …"""
        self.now += timedelta(**lengths)
        return self.now


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)
