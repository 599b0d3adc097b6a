"""Serials: taken by many at once they are unique, and a transaction that fails leaves no gap."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.storage.documents import raise_counter, take_number
from tests.builders import an_agency


@pytest.fixture
def agency_id(engine):
    with engine.begin() as connection:
        return an_agency(connection).id


def test_eight_threads_take_every_serial_once_though_a_third_of_them_fail(engine, agency_id):
    def take(turn):
        with engine.connect() as connection, connection.begin() as transaction:
            serial = take_number(connection, agency_id=agency_id, series="移", year=2026)
            if turn % 3 == 0:
                transaction.rollback()
                return None
            return serial

    with ThreadPoolExecutor(8) as pool:
        taken = [serial for serial in pool.map(take, range(48)) if serial is not None]
    assert sorted(taken) == list(range(1, len(taken) + 1))
    assert len(taken) == 32


def test_each_agency_series_and_year_counts_for_itself(engine, agency_id):
    with engine.begin() as connection:
        other = an_agency(connection).id
        keys = [(agency_id, "移", 2026), (agency_id, "移", 2027), (agency_id, "立", 2026), (other, "移", 2026)]
        for agency, series, year in keys:
            assert take_number(connection, agency_id=agency, series=series, year=year) == 1
        assert take_number(connection, agency_id=agency_id, series="移", year=2026) == 2


def test_a_counter_is_raised_and_never_lowered(connection):
    given = {"agency_id": an_agency(connection).id, "series": "移", "year": 2026}
    raise_counter(connection, **given, last=41)
    assert take_number(connection, **given) == 42
    raise_counter(connection, **given, last=7)
    assert take_number(connection, **given) == 43
    raise_counter(connection, **given, last=99)
    assert take_number(connection, **given) == 100
