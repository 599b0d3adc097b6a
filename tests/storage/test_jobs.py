"""The job table: one job, one worker; a lease that runs out gives it to the next, and the first can do no harm."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.storage import jobs
from app.storage.jobs import BACKOFF

LEASE = timedelta(seconds=60)


@pytest.fixture
def lay(clock):
    """Give what lays a job."""

    def put(connection, key, **values):
        given = {"topic": "timer", "payload": {"process_id": key}, "run_at": clock.now, "at": clock.now, **values}
        jobs.put_job(connection, key=key, **given)

    return put


@pytest.fixture
def claim(clock):
    """Give what claims a job; `wall` may be another hour than that of the cases."""

    def take(connection, owner="w1", wall=None):
        return jobs.claim_job(connection, owner=owner, now=clock.now, wall=wall or clock.now, lease=LEASE)

    return take


def test_many_workers_do_every_job_once(engine, lay, claim):
    with engine.begin() as connection:
        for number in range(24):
            lay(connection, f"p{number}")

    def work(owner):
        done = []
        while True:
            with engine.begin() as connection:
                job = claim(connection, owner)
            if job is None:
                return done
            with engine.begin() as connection:
                assert jobs.finish_job(connection, job.id, owner=owner)
            done.append(job.key)

    with ThreadPoolExecutor(6) as pool:
        done = [key for keys in pool.map(work, [f"w{number}" for number in range(6)]) for key in keys]
    assert sorted(done) == sorted(f"p{number}" for number in range(24))


@pytest.mark.parametrize("dialect", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_a_worker_passes_over_what_another_is_just_claiming(engine, lay, claim):
    with engine.begin() as connection:
        lay(connection, "p1")
        lay(connection, "p2")
    with engine.begin() as first, engine.begin() as second:
        assert {claim(first, "w1").key, claim(second, "w2").key} == {"p1", "p2"}
        assert claim(second, "w2") is None


def test_the_earliest_comes_first_and_nothing_before_its_hour(connection, clock, lay, claim):
    lay(connection, "later", run_at=clock.now + timedelta(hours=1))
    lay(connection, "now")
    lay(connection, "earlier", run_at=clock.now - timedelta(hours=1))
    for key in ("earlier", "now"):
        job = claim(connection)
        assert job.key == key
        assert jobs.finish_job(connection, job.id, owner="w1")
    assert claim(connection) is None
    assert jobs.next_run(connection) == clock.now + timedelta(hours=1)
    clock.forward(hours=1)
    assert claim(connection).key == "later"


def test_a_lease_that_ran_out_gives_the_job_to_another_and_fences_the_first(connection, clock, lay, claim):
    lay(connection, "p1")
    wall = clock.now
    held = claim(connection, "w1", wall)
    assert claim(connection, "w2", wall + LEASE) is None
    taken = claim(connection, "w2", wall + LEASE + timedelta(seconds=1))
    assert (taken.id, taken.attempts) == (held.id, 2)
    assert not jobs.finish_job(connection, held.id, owner="w1")
    assert not jobs.extend_lease(connection, held.id, owner="w1", until=wall + 9 * LEASE)
    assert jobs.fail_job(connection, held, owner="w1", error="late", wall=wall) == "lost"
    assert jobs.finish_job(connection, held.id, owner="w2")
    assert not jobs.finish_job(connection, held.id, owner="w2")
    assert jobs.get_job(connection, held.id).error is None


def test_a_lease_that_is_extended_is_kept(connection, clock, lay, claim):
    lay(connection, "p1")
    wall = clock.now
    held = claim(connection, "w1", wall)
    assert jobs.extend_lease(connection, held.id, owner="w1", until=wall + 3 * LEASE)
    assert claim(connection, "w2", wall + 2 * LEASE) is None


def test_a_failed_job_waits_longer_each_time_and_then_for_a_person(connection, clock, lay, claim):
    lay(connection, "p1")
    wall = clock.now
    for wait in BACKOFF:
        job = claim(connection, "w1", wall)
        assert jobs.fail_job(connection, job, owner="w1", error="no paper", wall=wall) == "ready"
        assert claim(connection, "w1", wall + wait - timedelta(seconds=1)) is None
        assert [row.id for row in jobs.failed(connection)] == [job.id]
        wall += wait
    job = claim(connection, "w1", wall)
    assert jobs.fail_job(connection, job, owner="w1", error="no paper", wall=wall) == "incident"
    assert claim(connection, "w1", wall + timedelta(days=9)) is None
    assert [row.error for row in jobs.incidents(connection)] == ["no paper"]
    assert jobs.retry_job(connection, job.id, now=clock.now)
    assert claim(connection, "w1", wall).attempts == 1


def test_a_job_that_has_not_failed_is_not_retried(connection, clock, lay, claim):
    lay(connection, "p1")
    job = claim(connection)
    assert not jobs.retry_job(connection, job.id, now=clock.now)
    assert jobs.finish_job(connection, job.id, owner="w1")
    assert not jobs.retry_job(connection, job.id, now=clock.now)


def test_the_same_key_replaces_what_waits(connection, clock, lay, claim):
    lay(connection, "p1")
    lay(connection, "p1", run_at=clock.now + timedelta(hours=2))
    assert claim(connection) is None
    jobs.drop_job(connection, topic="timer", key="p1")
    clock.forward(days=1)
    assert claim(connection) is None


def test_work_that_is_rolled_back_leaves_no_job(engine, lay, claim):
    with engine.connect() as connection, connection.begin() as transaction:
        lay(connection, "p1")
        transaction.rollback()
    with engine.begin() as connection:
        assert claim(connection) is None
