"""A job of which its worker dies each time becomes an incident, not an endless loop."""

from datetime import UTC, datetime, timedelta

from app.services import worker
from app.storage import jobs
from tests.services.asking import a_house


def test_a_job_that_kills_its_worker_becomes_an_incident(tmp_path, migrated_url):
    house = a_house(tmp_path, migrated_url)
    try:
        wall = datetime.now(UTC) - timedelta(days=1)
        with house.work() as work:
            jobs.put_job(work.connection, topic="timer", key="deadly", payload={}, run_at=work.now, at=work.now)
        for _ in range(len(jobs.BACKOFF) + 1):
            wall += timedelta(hours=1)
            with house.work() as work:
                assert worker.claim(work, owner="dies", wall=wall, lease=timedelta()) is not None
        assert house.work_once("lives")
        with house.work() as work:
            (row,) = jobs.incidents(work.connection)
            assert row.error == worker.GAVE_OUT
    finally:
        house.close()
