"""The store of files: the name is the hash of the content, and what has changed since is not served."""

import hashlib

import pytest

from app.domain.errors import NotFound
from app.storage.files import LocalFiles


@pytest.fixture
def store(tmp_path):
    return LocalFiles(tmp_path / "files")


def kept(tmp_path):
    return [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_file_is_found_by_the_hash_of_its_content_and_kept_once(store, tmp_path):
    key = store.put(b"paper")
    assert key == hashlib.sha256(b"paper").hexdigest()
    assert store.put(b"paper") == key
    assert store.get(key) == b"paper"
    assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize("damaged", [b"", b"Paper", b"paper and more"])
def test_a_file_that_has_changed_is_not_served(store, tmp_path, damaged):
    key = store.put(b"paper")
    kept(tmp_path)[0].write_bytes(damaged)
    with pytest.raises(NotFound, match="damaged") as refused:
        store.get(key)
    assert refused.value.at == key


def test_a_file_that_is_missing_is_not_found(store, tmp_path):
    key = store.put(b"paper")
    kept(tmp_path)[0].unlink()
    with pytest.raises(NotFound, match="missing"):
        store.get(key)


def test_a_key_does_not_lead_out_of_the_folder(store, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    for key in ("../secret", "..//../secret", "/etc/passwd"):
        with pytest.raises(NotFound):
            store.get(key)
