"""The embedded runner: it works when there is work, waits when there is none, and outlives what goes wrong."""

import threading

import pytest

from app.jobs.threads import Heartbeat, Threads

PATIENCE = 20  # seconds until a thread that never comes is given up


@pytest.fixture
def run():
    """Give what starts runners; all are stopped at the end."""
    started = []

    def begin(work_once, **options):
        runner = Threads(work_once, **{"pause": 600, **options})
        runner.start()
        started.append(runner)
        return runner

    yield begin
    for runner in started:
        runner.stop()


def test_it_works_until_nothing_is_due_and_then_waits_to_be_woken(run):
    todo, done, idle = [1, 2, 3], [], threading.Semaphore(0)

    def work_once(owner):
        if not todo:
            idle.release()
            return False
        done.append((owner, todo.pop(0)))
        return True

    runner = run(work_once)
    assert idle.acquire(timeout=PATIENCE)
    assert done == [("worker-0", 1), ("worker-0", 2), ("worker-0", 3)]
    todo.append(4)
    runner.wake()
    assert idle.acquire(timeout=PATIENCE)
    assert done[-1] == ("worker-0", 4)


def test_it_looks_again_without_being_woken(run):
    looks = threading.Semaphore(0)
    run(lambda _: bool(looks.release()), pause=0.01)
    assert all(looks.acquire(timeout=PATIENCE) for _ in range(3))


def test_stopping_finishes_the_job_in_hand():
    begun, may_end, ended = threading.Event(), threading.Event(), []

    def work_once(_):
        begun.set()
        assert may_end.wait(PATIENCE)
        ended.append(1)
        return True

    runner = Threads(work_once, pause=600)
    runner.start()
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=runner.stop)
    stopping.start()
    may_end.set()
    stopping.join(PATIENCE)
    assert ended == [1]
    assert not any(thread.is_alive() for thread in runner._threads)


def test_each_of_several_workers_has_its_own_name(run):
    met, both = set(), threading.Barrier(3)

    def work_once(owner):
        met.add(owner)
        if len(met) <= 2:
            both.wait(PATIENCE)
        return False

    run(work_once, count=2, name="node-a")
    both.wait(PATIENCE)
    assert met == {"node-a-0", "node-a-1"}


def test_it_outlives_a_database_that_is_gone_for_a_while(run, caplog):
    looks, again = [], threading.Event()

    def work_once(_):
        looks.append(1)
        if len(looks) == 1:
            raise ConnectionError("the database is gone")
        again.set()
        return False

    run(work_once, pause=0.01)
    assert again.wait(PATIENCE)
    assert "could not look for work" in caplog.text


def test_a_heartbeat_beats_while_the_work_is_done_and_no_longer():
    beats = threading.Semaphore(0)
    with Heartbeat(lambda: not beats.release(), every=0.01) as heart:
        assert all(beats.acquire(timeout=PATIENCE) for _ in range(3))
    assert not heart._thread.is_alive()


def test_a_heartbeat_stops_when_the_job_is_lost():
    beats = []

    def beat():
        beats.append(1)
        return False

    with Heartbeat(beat, every=0.01) as heart:
        heart._thread.join(PATIENCE)
        assert not heart._thread.is_alive()
    assert beats == [1]


def test_work_that_is_quick_needs_no_beat():
    beats = []
    with Heartbeat(lambda: bool(beats.append(1)), every=600):
        pass
    assert beats == []
