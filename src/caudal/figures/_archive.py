"""The archive: the releases that came with the package and the user's own, seen as of a day.

``as_of`` enters here, once. `Archive.at` returns an archive in which nothing released later exists, and everything
downstream is given that archive.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path

import platformdirs

from caudal._core.errors import NotKnownError
from caudal.figures._store import Release, Store

#: How many as-of days an archive remembers what it worked out for.
_MOST_VIEWS = 64

__all__ = ["Archive", "open_archive", "store_directory"]


def store_directory(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the user's store: ``path``, else ``CAUDAL_HOME``, else the platform's user data directory."""
    chosen = path or os.environ.get("CAUDAL_HOME")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("caudal", appauthor=False))


def embedded_directory() -> Path:
    """Return the directory of the archive that came with the package."""
    return Path(str(resources.files("caudal.figures").joinpath("embedded")))


def open_archive(store: str | os.PathLike[str] | None = None, *, embedded: bool = True) -> Archive:
    """Return the archive: embedded releases and those of the user's store, everything published to this day.

    Parameters
    ----------
    store : path, optional
        The user's store; see `store_directory` for what is taken when it is left out.
    embedded : bool
        Whether to include the archive that came with the package.
    """
    layers = [Store(store_directory(store))]
    if embedded:
        layers.append(Store(embedded_directory()))
    return _opened(tuple(layer.path for layer in layers), tuple(layer.identity for layer in layers))


@lru_cache(maxsize=8)
def _opened(paths: tuple[Path, ...], _identities: tuple[object, ...]) -> Archive:
    """Return the archive of some stores: one object, with all it has worked out, while no manifest changes."""
    return Archive(tuple(Store(path) for path in paths))


@dataclass(frozen=True)
class Archive:
    """Releases of one or more stores, up to a day.

    Parameters
    ----------
    layers : tuple of Store
        Where releases are kept; for a release that several hold, the first one counts.
    as_of : datetime.date or None
        Releases of later days do not exist. None: all releases.
    """

    layers: tuple[Store, ...]
    as_of: date | None = None

    def at(self, day: date | None) -> Archive:
        """Return the archive as it stood at the end of ``day`` (never later than this one already stands)."""
        if day is None or (self.as_of is not None and day >= self.as_of):
            return self
        if day not in self._views:
            if len(self._views) >= _MOST_VIEWS:
                self._views.clear()
            self._views[day] = replace(self, as_of=day)
        return self._views[day]

    @cached_property
    def _views(self) -> dict[date, Archive]:
        return {}

    @cached_property
    def _located(self) -> dict[str, tuple[Release, Path]]:
        found: dict[str, tuple[Release, Path]] = {}
        for store in self.layers:
            for release in store.releases():
                if self.as_of is None or release.released <= self.as_of:
                    found.setdefault(release.id, (release, store.observations_file(release.id)))
        return dict(sorted(found.items(), key=lambda item: (item[1][0].released, item[0])))

    @property
    def releases(self) -> list[Release]:
        """All visible releases, by day and id."""
        return [release for release, _ in self._located.values()]

    def release(self, name: str) -> Release:
        """Return one visible release.

        Raises
        ------
        NotKnownError
            When there is none of that id (by that day).
        """
        if name not in self._located:
            raise NotKnownError(f"no release {name!r}", remedy="`caudal figures releases` lists them")
        return self._located[name][0]

    def files(self, releases: Iterable[str]) -> list[Path]:
        """Return the observation files of releases."""
        return [self._located[name][1] for name in releases]

    @property
    def latest(self) -> Release:
        """The newest visible release.

        Raises
        ------
        NotKnownError
            When nothing had been released.
        """
        if not self._located:
            day = f" by {self.as_of}" if self.as_of else ""
            raise NotKnownError(
                f"the archive holds no release{day}", remedy="`caudal figures releases` lists what it holds"
            )
        return self.releases[-1]

    def newest(self, table: str) -> dict[date, Release]:
        """Return for each period of a table the newest visible release that speaks about it."""
        if table not in self._newest:
            self._newest[table] = {
                period: release for release in self.releases for period in release.periods(table)
            }
        return self._newest[table]

    @cached_property
    def _newest(self) -> dict[str, dict[date, Release]]:
        return {}
