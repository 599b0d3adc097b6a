"""A full disk: said plainly, nothing half-stored, and the upload goes on when there is room."""

import errno
import hashlib
import os
from types import SimpleNamespace

import pytest

from app.domain.errors import NoRoom, NotFound
from app.storage import parts, room
from app.storage.files import LocalFiles

DATA = b"0123456789" * 100


def files_below(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.fixture
def full(monkeypatch):
    """A disk that takes 300 bytes of what is written next, and then no more until it is let."""

    class Disk:
        left = 300

        def write(self, handle, piece):
            taken = piece[: self.left]
            self.left -= len(taken)
            os.write(handle, taken)
            if len(taken) < len(piece):
                raise OSError(errno.ENOSPC, "No space left on device")

    disk = Disk()
    monkeypatch.setattr(parts, "write_all", disk.write)
    return disk


def test_a_disk_that_runs_full_keeps_what_was_certain_and_goes_on_later(client, house, full):
    place = client.announce(len(DATA)).headers["Location"]
    assert client.patch(place, 0, DATA[:200]).status_code == 204
    refused = client.patch(place, 200, DATA[200:])
    assert refused.status_code == 507
    assert refused.mimetype == "application/problem+json"
    assert "room" in refused.get_json()["detail"] or "空间" in refused.get_json()["detail"]
    (part,) = files_below(house.config.data / "files")
    assert part.read_bytes() == DATA[:200]
    assert client.listed() == []
    assert client.head(place).headers["Upload-Offset"] == "200"
    full.left = 10_000
    assert client.patch(place, 200, DATA[200:]).status_code == 204
    assert house.files.get(client.listed()[0]["sha256"]) == DATA


def test_a_file_that_cannot_fit_is_not_begun(client, house, monkeypatch):
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _: SimpleNamespace(free=room.RESERVE + 50))
    assert client.announce(51).status_code == 507
    assert files_below(house.config.data / "files") == []
    assert client.announce(50).status_code == 201


def test_a_document_on_a_full_disk_leaves_nothing(tmp_path):
    store = LocalFiles(tmp_path)

    def pieces():
        yield DATA
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with pytest.raises(NoRoom):
        store.put_pieces(pieces())
    assert files_below(tmp_path) == []


def test_other_faults_of_the_disk_stay_what_they_are(tmp_path):
    def pieces():
        yield DATA
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"):
        LocalFiles(tmp_path).put_pieces(pieces())


def test_a_store_gives_back_what_it_took_whole_or_in_pieces(tmp_path):
    store = LocalFiles(tmp_path)
    digest = store.put_pieces(DATA[at : at + 7] for at in range(0, len(DATA), 7))
    assert store.put(DATA) == digest.sha256
    assert digest.size == store.check(digest.sha256) == len(DATA)
    assert b"".join(store.read(digest.sha256, 5, 25)) == DATA[5:25]
    assert b"".join(store.read(digest.sha256)) == store.get(digest.sha256) == DATA
    assert len(files_below(tmp_path)) == 1
    with pytest.raises(NotFound):
        store.check("0" * 64)
    with pytest.raises(NotFound):
        list(store.read("0" * 64))


def test_a_file_on_another_file_system_is_copied(tmp_path, monkeypatch):
    path = tmp_path / "part"
    path.write_bytes(DATA)

    def refuse(*_):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(type(path), "hardlink_to", refuse)
    store = LocalFiles(tmp_path / "store")
    key = hashlib.sha256(DATA).hexdigest()
    store.adopt(path, key)
    assert store.get(key) == DATA
