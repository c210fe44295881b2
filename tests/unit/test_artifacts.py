"""Files kept by their content."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nanococoa_aiserver.artifacts.store import ArtifactStore, artifact_ids_in, is_artifact_id, media_type_of, open_store
from nanococoa_aiserver.errors import ArtifactNotFound, StorageFull


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    return open_store(tmp_path.joinpath("files").as_uri() if request.param == "file" else "memory:///")


def test_what_was_put_is_got_back_under_its_hash(store: ArtifactStore) -> None:
    artifact = store.put(b"picture", "image/png")
    assert artifact == hashlib.sha256(b"picture").hexdigest() + ".png"
    assert store.get(artifact) == b"picture"
    assert store.size(artifact) == 7
    assert abs(store.modified(artifact) - time.time()) < 5
    assert media_type_of(artifact) == "image/png"


def test_the_same_content_is_kept_once(store: ArtifactStore) -> None:
    assert store.put(b"same", "image/jpeg") == store.put(b"same", "image/jpeg")
    assert len(list(store.ids())) == 1


def test_a_deleted_file_is_gone_and_deleting_it_again_is_fine(store: ArtifactStore) -> None:
    artifact = store.put(b"x", "image/webp")
    store.delete(artifact)
    store.delete(artifact)
    assert not store.exists(artifact)
    with pytest.raises(ArtifactNotFound):
        store.get(artifact)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "a" * 64,
        "A" * 64 + ".png",
        "a" * 64 + ".png/../../x",
        "a" * 64 + ".exe",
        "a" * 64 + ".png\n",
        "%2e%2e%2f" + "a" * 64 + ".png",
        "a" * 64 + ".png\x00",
    ],
)
def test_a_name_that_is_no_id_is_never_looked_up(store: ArtifactStore, name: str) -> None:
    assert not is_artifact_id(name)
    for ask in (store.get, store.size, store.modified, store.delete, media_type_of):
        with pytest.raises(ArtifactNotFound):
            ask(name)
    assert not store.exists(name)


def test_ids_are_found_wherever_they_stand_in_a_result() -> None:
    one, two = "1" * 64 + ".png", "2" * 64 + ".jpg"
    assert artifact_ids_in({"a": [one, {"b": two}, 3, None], "c": "text " + one}) == {one, two}
    assert artifact_ids_in({}) == set()


def test_only_files_put_before_a_time_are_listed_when_asked(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    old, young = store.put(b"old", "image/png"), store.put(b"young", "image/png")
    os.utime(tmp_path / old[:2] / old, (1000, 1000))
    assert list(store.ids(older_than=time.time() - 60)) == [old]
    assert store.put(b"old", "image/png") == old  # put again: young again
    assert list(store.ids(older_than=time.time() - 60)) == []
    assert sorted(store.ids()) == sorted([old, young])


def test_many_writers_of_one_file_leave_it_whole(tmp_path: Path) -> None:
    store, data = open_store(tmp_path.as_uri()), os.urandom(300_000)
    with ThreadPoolExecutor(8) as writers:
        ids = {done.result() for done in [writers.submit(store.put, data, "image/png") for _ in range(32)]}
    assert [store.get(artifact) for artifact in ids] == [data]
    assert list((tmp_path / "draft").iterdir()) == []


def test_only_old_drafts_are_removed(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    kept = store.put(b"kept", "image/png")
    old, young = tmp_path / "draft" / "old", tmp_path / "draft" / "young"
    for draft in (old, young):
        draft.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    store.remove_drafts(older_than=time.time() - 60)
    assert (old.exists(), young.exists(), store.exists(kept)) == (False, True, True)


def test_a_file_cut_short_by_a_power_cut_is_mended_when_it_is_put_again(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    artifact = store.put(b"whole picture", "image/png")
    (tmp_path / artifact[:2] / artifact).write_bytes(b"")
    store.put(b"whole picture", "image/png")
    assert store.get(artifact) == b"whole picture"


def test_a_full_disk_is_told_as_such_and_leaves_no_half_file(small_disk: Path) -> None:
    store = open_store(small_disk.as_uri())
    kept = store.put(os.urandom(100_000), "image/png")
    with pytest.raises(StorageFull):
        store.put(os.urandom(2_000_000), "image/png")
    assert list(store.ids()) == [kept]
    assert list((small_disk / "draft").iterdir()) == []


def test_a_file_larger_than_the_process_may_write_is_told_as_a_full_disk(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", TOO_LARGE, tmp_path.as_uri()], capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("STORAGE_FULL", 0), done.stderr


TOO_LARGE = """
import resource, signal, sys
from nanococoa_aiserver.artifacts.store import open_store
from nanococoa_aiserver.errors import StorageFull
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    open_store(sys.argv[1]).put(bytes(50_000), "image/png")
except StorageFull as error:
    print(error.code)
"""
