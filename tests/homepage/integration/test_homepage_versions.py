"""Versions by their content, one of them shown by a link that is swapped whole."""

from __future__ import annotations

import errno
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from homepage_generator.database import Database
from homepage_generator.errors import NotFound, StorageFull
from homepage_generator.publish.folders import Folders
from homepage_generator.publish.sites import SiteStore, give_back
from support.homepages_maker import site_folder


@pytest.fixture
def database(tmp_path: Path, jobs_url: str) -> Iterator[Database]:
    found = Database(jobs_url or f"sqlite:///{tmp_path / 'homepages.db'}")
    yield found
    found.close()


@pytest.fixture
def store(tmp_path: Path, database: Database) -> SiteStore:
    return SiteStore(database, Folders(tmp_path / "sites"), keep=3)


def added(store: SiteStore, tmp_path: Path, job: str, text: str, slug: str = "") -> tuple[str, str]:
    slug = slug or store.reserve("햇살과일", job)
    return slug, store.add(slug, job, site_folder(tmp_path / "build" / job, text), {"text": text}, {}, [text])


def seen(store: SiteStore, slug: str) -> str:
    return store.live_file(slug, "").read_text("utf-8")


def test_a_version_is_seen_by_nobody_until_it_is_published(store: SiteStore, tmp_path: Path) -> None:
    slug, version = added(store, tmp_path, "a", "하나")
    assert (slug, version) == ("haetsalgwail", "v1")
    with pytest.raises(NotFound):
        store.live_file(slug, "index.html")
    assert "하나" in store.file(slug, version, "index.html").read_text("utf-8")
    store.publish(slug, version)
    assert "하나" in seen(store, slug)


def test_going_back_and_taking_down_change_only_what_the_world_sees(store: SiteStore, tmp_path: Path) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    _, second = added(store, tmp_path, "b", "둘", slug)
    store.publish(slug, second)
    assert "둘" in seen(store, slug)
    assert store.publish(slug, first).published == first
    assert "하나" in seen(store, slug)
    assert store.unpublish(slug).published is None
    with pytest.raises(NotFound):
        seen(store, slug)
    assert [one.id for one in store.versions(slug)] == ["v2", "v1"]
    with pytest.raises(NotFound, match="v9"):
        store.publish(slug, "v9")


def test_the_same_job_adds_one_version_however_often_it_is_repeated(store: SiteStore, tmp_path: Path) -> None:
    slug, _ = added(store, tmp_path, "a", "하나")
    assert added(store, tmp_path, "a", "하나", slug)[1] == "v1"
    assert store.reserve("다른 이름", "a") == slug


def test_versions_of_the_same_content_share_a_folder_until_the_last_is_gone(store: SiteStore, tmp_path: Path) -> None:
    slug, _ = added(store, tmp_path, "a", "하나")
    for job in "bcd":
        added(store, tmp_path, job, "하나" if job == "b" else job, slug)
    found = store.versions(slug)
    assert [one.id for one in found] == ["v4", "v3", "v2"]
    assert found[-1].folder in {path.name for path in (tmp_path / "sites" / "versions" / slug).iterdir()}
    added(store, tmp_path, "e", "e", slug)
    assert found[-1].folder not in {path.name for path in (tmp_path / "sites" / "versions" / slug).iterdir()}


def test_the_published_version_is_kept_however_old_it_is(store: SiteStore, tmp_path: Path) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    store.publish(slug, first)
    for job in "bcdef":
        added(store, tmp_path, job, job, slug)
    assert [one.id for one in store.versions(slug)] == ["v6", "v5", "v4", "v1"]
    assert "하나" in seen(store, slug)


def test_jobs_that_want_one_name_at_the_same_moment_get_different_ones(store: SiteStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        slugs = list(pool.map(lambda job: store.reserve("햇살과일", f"job-{job}"), range(8)))
    assert len(set(slugs)) == 8
    assert {"haetsalgwail", "haetsalgwail-8"} <= set(slugs)


def test_a_name_is_free_again_when_its_job_left_no_version(
    store: SiteStore, database: Database, tmp_path: Path
) -> None:
    store.reserve("햇살과일", "a")
    with database.begin() as connection:
        give_back(connection, ["a"])
    slug, _ = added(store, tmp_path, "b", "하나")
    assert slug == "haetsalgwail"
    with database.begin() as connection:
        give_back(connection, ["b"])
    assert store.site(slug).slug == slug


def test_readers_see_the_old_page_or_the_new_one_while_versions_are_swapped(store: SiteStore, tmp_path: Path) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    _, second = added(store, tmp_path, "b", "둘", slug)
    store.publish(slug, first)
    done = Event()

    def read() -> int:
        count = 0
        while not done.is_set():
            text = seen(store, slug)
            assert ("하나" in text) != ("둘" in text)
            assert text.endswith("</form>")
            count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        for number in range(60):
            store.publish(slug, (first, second)[number % 2])
        done.set()
        assert all(reader.result() > 0 for reader in readers)


def test_what_a_killed_process_left_half_way_is_mended_at_start(store: SiteStore, tmp_path: Path) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    _, second = added(store, tmp_path, "b", "둘", slug)
    store.publish(slug, first)
    store.folders.show(slug, store.version(slug, second).folder)  # the link swapped, the row never committed
    store.folders.show("ghost", "nothing")
    (tmp_path / "sites" / "versions" / slug / ".new-left").mkdir()
    (tmp_path / "sites" / "live" / ".left").symlink_to("nowhere")
    store.reconcile()
    assert "하나" in seen(store, slug)
    assert sorted(path.name for path in (tmp_path / "sites" / "live").iterdir()) == [slug]
    assert not list((tmp_path / "sites").rglob(".new-*"))


def test_a_full_disk_publishes_nothing_and_leaves_nothing(
    store: SiteStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    store.publish(slug, first)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        with pytest.raises(StorageFull):
            added(store, tmp_path, "b", "둘", slug)
    assert [one.id for one in store.versions(slug)] == ["v1"]
    assert not list((tmp_path / "sites").rglob(".new-*"))
    assert "하나" in seen(store, slug)


def test_a_link_stays_good_when_the_whole_tree_is_moved(store: SiteStore, tmp_path: Path) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    store.publish(slug, first)
    (tmp_path / "sites").rename(tmp_path / "elsewhere")
    assert "하나" in (tmp_path / "elsewhere" / "live" / slug / "index.html").read_text("utf-8")
    assert (tmp_path / "elsewhere" / "live" / slug / "index.html").stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    "path", ["../../../secret.txt", "..", "p/../index.html", ".new/x.html", "p", "a b.html", "/etc/passwd"]
)
def test_a_path_that_leads_out_of_a_version_is_not_found(store: SiteStore, tmp_path: Path, path: str) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    (tmp_path / "secret.txt").write_text("x")
    with pytest.raises(NotFound):
        store.file(slug, first, path)


def test_the_same_version_is_the_same_archive(store: SiteStore, tmp_path: Path) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    name, one = store.archive(slug, None)
    _, two = store.archive(slug, first)
    with one, two:
        assert name == first
        assert one.read() == two.read()
        one.seek(0)
        with zipfile.ZipFile(one) as archive:
            assert archive.testzip() is None
            assert {"index.html", "s1.css", "p/a-8.webp"} <= set(archive.namelist())


def test_a_removed_site_is_gone_with_all_it_had(store: SiteStore, tmp_path: Path) -> None:
    slug, first = added(store, tmp_path, "a", "하나")
    store.publish(slug, first)
    store.remove(slug)
    with pytest.raises(NotFound):
        store.site(slug)
    assert not (tmp_path / "sites" / "versions" / slug).exists()
    assert not (tmp_path / "sites" / "live" / slug).is_symlink()
