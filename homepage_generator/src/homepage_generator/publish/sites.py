"""Sites and their versions: rows say which version is published, one link per site shows it to the world.

The row is written before the link, in one transaction that ends after it; ``reconcile`` mends what a killed process
left between the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from homepage_generator.database import Database
from homepage_generator.errors import NotFound
from homepage_generator.publish.folders import Folders, file_in
from homepage_generator.publish.slugs import candidates, slug_of
from homepage_generator.publish.tables import sites, versions
from homepage_generator.publish.zips import zipped

LONGEST_CHANGE: Final = 500


@dataclass(frozen=True, slots=True)
class Site:
    slug: str
    name: str
    published: str | None
    created: float


@dataclass(frozen=True, slots=True)
class Version:
    slug: str
    id: str
    folder: str
    created: float
    changes: list[str]


def give_back(connection: sa.Connection, job_ids: Sequence[str]) -> None:
    """Names of jobs that ended without a version are free again. Part of the transaction that ends the jobs: a job
    that goes on afterwards reserves anew."""
    used = sa.select(versions.c.id).where(versions.c.slug == sites.c.slug).exists()
    connection.execute(sa.delete(sites).where(sites.c.made_by.in_(job_ids), ~used))


class SiteStore:
    """``keep`` versions of a site are kept besides the published one."""

    def __init__(self, database: Database, folders: Folders, keep: int = 100) -> None:
        self._database, self.folders, self._keep = database, folders, keep

    # Names

    def reserve(self, name: str, job_id: str) -> str:
        """A free slug for a shop; the same job always gets the same. Two jobs never get one."""
        with self._database.begin() as connection:
            mine = sa.select(sites.c.slug).where(sites.c.made_by == job_id)
            if (known := connection.execute(mine).scalar_one_or_none()) is not None:
                return str(known)
            now = self._database.now(connection)
            row = {"name": name, "made_by": job_id, "created": now, "newest": 0}
            return next(slug for slug in candidates(slug_of(name)) if _inserted(connection, {**row, "slug": slug}))

    # Versions

    def add(
        self, slug: str, job_id: str, built: Path, spec: dict[str, Any], report: dict[str, Any], changes: Sequence[str]
    ) -> str:
        """Keep a built site as a version; the same job adds one, however often. Raises NotFound or StorageFull."""
        folder = self.folders.adopt(slug, built)
        with self._database.begin() as connection:
            site = self._locked(connection, slug)
            mine = (versions.c.slug == slug) & (versions.c.job_id == job_id)
            if (known := connection.execute(sa.select(versions.c.id).where(mine)).scalar_one_or_none()) is not None:
                return str(known)
            number = site.newest + 1
            row = {
                "slug": slug, "id": f"v{number}", "number": number, "folder": folder, "spec": spec, "report": report,
                "changes": [change[:LONGEST_CHANGE] for change in changes][:100], "job_id": job_id,
                "created": self._database.now(connection),
            }  # fmt: skip
            connection.execute(sa.insert(versions).values(row))
            connection.execute(sa.update(sites).where(sites.c.slug == slug).values(newest=number))
        self._prune(slug)
        return f"v{number}"

    def all(self) -> list[Site]:
        """Every site that has a version, newest first."""
        query = sa.select(sites).where(sites.c.newest > 0).order_by(sites.c.created.desc(), sites.c.slug)
        with self._database.begin() as connection:
            return [_site(row) for row in connection.execute(query)]

    def site(self, slug: str) -> Site:
        """Raises NotFound."""
        with self._database.begin() as connection:
            row = connection.execute(sa.select(sites).where(sites.c.slug == slug, sites.c.newest > 0)).one_or_none()
        if row is None:
            raise NotFound("site_not_found", slug=slug[:63])
        return _site(row)

    def versions(self, slug: str) -> list[Version]:
        """Newest first."""
        query = sa.select(versions).where(versions.c.slug == slug).order_by(versions.c.number.desc())
        with self._database.begin() as connection:
            return [_version(row) for row in connection.execute(query)]

    def version(self, slug: str, version_id: str) -> Version:
        """Raises NotFound."""
        return _version(self._row(slug, version_id))

    def spec(self, slug: str, version_id: str) -> dict[str, Any]:
        spec: dict[str, Any] = self._row(slug, version_id).spec
        return spec

    def report(self, slug: str, version_id: str) -> dict[str, Any]:
        """What the gate found when it let this version pass."""
        report: dict[str, Any] = self._row(slug, version_id).report
        return report

    # What the world sees

    def publish(self, slug: str, version_id: str) -> Site:
        """Show this version to the world, in one step; also the way back to an earlier one."""
        self.site(slug)
        with self._database.begin() as connection:
            self._locked(connection, slug)
            query = sa.select(versions.c.folder).where(versions.c.slug == slug, versions.c.id == version_id)
            folder = connection.execute(query).scalar_one_or_none()
            if folder is None:
                raise NotFound("version_not_found", slug=slug, version=version_id[:80])
            connection.execute(sa.update(sites).where(sites.c.slug == slug).values(published=version_id))
            self.folders.show(slug, folder)
        return self.site(slug)

    def unpublish(self, slug: str) -> Site:
        self.site(slug)
        with self._database.begin() as connection:
            self._locked(connection, slug)
            connection.execute(sa.update(sites).where(sites.c.slug == slug).values(published=None))
            self.folders.hide(slug)
        return self.site(slug)

    def remove(self, slug: str) -> None:
        """The site, all its versions and messages, for good."""
        self.site(slug)
        with self._database.begin() as connection:
            self._locked(connection, slug)
            connection.execute(sa.delete(sites).where(sites.c.slug == slug))
            self.folders.remove_site(slug)

    # Files

    def file(self, slug: str, version_id: str, path: str) -> Path:
        return file_in(self.folders.folder(slug, self.version(slug, version_id).folder), path)

    def live_file(self, slug: str, path: str) -> Path:
        """A file of what the world sees. Raises NotFound."""
        folder = self.folders.live(slug)
        if folder is None:
            raise NotFound("site_not_found", slug=slug[:63])
        return file_in(folder, path)

    def archive(self, slug: str, version_id: str | None) -> tuple[str, IO[bytes]]:
        """(the version's id, its ZIP); without an id: the published version, else the newest."""
        site = self.site(slug)
        wanted = version_id or site.published or self.versions(slug)[0].id
        return wanted, zipped(self.folders.folder(slug, self.version(slug, wanted).folder))

    def reconcile(self) -> None:
        """At start: the world sees what the rows say."""
        self.folders.sweep()
        query = sa.select(sites.c.slug, versions.c.folder).join(
            versions, (versions.c.slug == sites.c.slug) & (versions.c.id == sites.c.published)
        )
        with self._database.begin() as connection:
            wanted = {row.slug: row.folder for row in connection.execute(query)}
            shown = self.folders.shown()
            for slug in shown.keys() - wanted.keys():
                self.folders.hide(slug)
            for slug, folder in wanted.items():
                if shown.get(slug) != folder:
                    self.folders.show(slug, folder)

    def _prune(self, slug: str) -> None:
        """Forget versions past ``keep``, never the published one; a folder goes with its last version."""
        with self._database.begin() as connection:
            site = self._locked(connection, slug)
            rows = connection.execute(sa.select(versions).where(versions.c.slug == slug)).all()
            newest_first = sorted(rows, key=lambda row: -row.number)
            gone = [row for row in newest_first[self._keep :] if row.id != site.published]
            for row in gone:
                connection.execute(sa.delete(versions).where(versions.c.slug == slug, versions.c.id == row.id))
            left = {row.folder for row in rows if row not in gone}
            for folder in {row.folder for row in gone} - left:
                self.folders.remove(slug, folder)

    def _locked(self, connection: sa.Connection, slug: str) -> sa.Row[Any]:
        row = connection.execute(sa.select(sites).where(sites.c.slug == slug).with_for_update()).one_or_none()
        if row is None:
            raise NotFound("site_not_found", slug=slug[:63])
        return row

    def _row(self, slug: str, version_id: str) -> sa.Row[Any]:
        self.site(slug)
        with self._database.begin() as connection:
            query = sa.select(versions).where(versions.c.slug == slug, versions.c.id == version_id)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFound("version_not_found", slug=slug, version=version_id[:80])
        return row


def _inserted(connection: sa.Connection, row: dict[str, Any]) -> bool:
    """Whether the name was free."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    insert = make(sites).values(row).on_conflict_do_nothing(index_elements=["slug"])
    return connection.execute(insert.returning(sites.c.slug)).first() is not None


def _site(row: sa.Row[Any]) -> Site:
    return Site(row.slug, row.name, row.published, row.created)


def _version(row: sa.Row[Any]) -> Version:
    return Version(row.slug, row.id, row.folder, row.created, list(row.changes))
