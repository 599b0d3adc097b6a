"""A bucket in the place of the folder: the same promises, and the same uploads."""

import hashlib

import obstore
import pytest
from obstore.store import LocalStore, MemoryStore

from app.config import read_config
from app.domain.errors import Invalid, NotFound
from app.storage.object_store import ObjectFiles, open_bucket

DATA = bytes(range(256)) * 5000


@pytest.fixture(params=["memory", "folder"])
def bucket(request, tmp_path):
    return MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "bucket", mkdir=True)


def test_what_is_put_comes_back_whole_and_in_pieces_and_is_stored_once(bucket, tmp_path):
    store = ObjectFiles(bucket, tmp_path / "scratch")
    digest = store.put_pieces(DATA[at : at + 9999] for at in range(0, len(DATA), 9999))
    key = hashlib.sha256(DATA).hexdigest()
    assert (digest.sha256, digest.size) == (key, len(DATA))
    assert store.put(DATA) == key
    assert store.check(key) == len(DATA)
    assert store.get(key) == b"".join(store.read(key)) == DATA
    assert b"".join(store.read(key, 1000, 1_200_000)) == DATA[1000:1_200_000]
    assert [entry["path"] for page in obstore.list(bucket) for entry in page] == [f"{key[:2]}/{key[2:]}"]
    assert list((tmp_path / "scratch").iterdir()) == []


def test_what_is_missing_or_damaged_is_not_read_and_mended_when_it_comes_again(bucket, tmp_path):
    store = ObjectFiles(bucket, tmp_path)
    key = store.put(DATA)
    for refused in (store.get, store.check, lambda gone: list(store.read(gone))):
        with pytest.raises(NotFound):
            refused("0" * 64)
    obstore.put(bucket, f"{key[:2]}/{key[2:]}", b"x" + DATA[1:])
    for refused in (store.get, store.check):
        with pytest.raises(NotFound):
            refused(key)
    store.put(DATA)
    assert store.get(key) == DATA


def test_an_upload_goes_into_the_bucket(client, house, bucket, tmp_path):
    house.files = ObjectFiles(bucket, tmp_path)
    row = client.upload(DATA, "a.bin")
    told = client.get(f"/files/{row['id']}/content?reason=x", Range="bytes=10-19")
    assert (told.status_code, told.data) == (206, DATA[10:20])
    assert list((house.config.data / "files/parts").iterdir()) == []


def test_the_configuration_names_the_bucket(tmp_path):
    environment = {"XIANJIE_DATA": str(tmp_path), "XIANJIE_FILES": "s3://evidence/xianjie"}
    assert read_config(environment).files == "s3://evidence/xianjie"
    assert isinstance(open_bucket("s3://evidence/xianjie", tmp_path), ObjectFiles)
    with pytest.raises(Invalid) as refused:
        read_config({**environment, "XIANJIE_FILES": "ftp://evidence"})
    assert refused.value.at == "XIANJIE_FILES"
