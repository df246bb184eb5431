"""Fetching new releases from the publishers' addresses, which ``updates.csv`` declares.

A row names a page and a pattern: of the links on the page whose file name fits, the one with the latest fiscal year and
month in its name is the newest. Without a pattern the address is the file itself. What was fetched last is remembered
in ``fetched.json`` beside the releases, so that an unchanged file is not downloaded again.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from caudal._core.dates import MONTH_ABBREVIATIONS
from caudal._core.errors import CaudalError, FetchError, OptionError, did_you_mean
from caudal._core.tables import declared
from caudal.figures._archive import Archive
from caudal.figures._declared import sources
from caudal.figures._fetch import Fetched, Fetcher, OfflineError
from caudal.figures._ingest import Added, add_file
from caudal.figures._release import SourceFile
from caudal.figures._store import Store
from caudal.figures.sources import parse

__all__ = ["Place", "Updated", "newest_link", "places", "update"]

_STATE = "fetched.json"


@dataclass(frozen=True)
class Place:
    """Where a source's newest file is found."""

    source: str
    page: str
    pattern: str


@dataclass(frozen=True)
class Updated:
    """What updating one source did.

    Attributes
    ----------
    source : str
        Declared source.
    outcome : {"new", "unchanged", "would fetch", "failed"}
        What happened.
    detail : str
        One line on it.
    added : tuple of Added
        What was taken in.
    """

    source: str
    outcome: str
    detail: str
    added: tuple[Added, ...] = ()


def places(only: Sequence[str] = (), mirror: str | None = None) -> list[Place]:
    """Return where sources are fetched from.

    Parameters
    ----------
    only : sequence of str
        Sources; default all that have an address.
    mirror : str, optional
        Scheme and host (and port) that serve the publishers' paths in their stead.

    Raises
    ------
    OptionError
        When a source is not declared, or has no address to fetch from.
    """
    found = {
        row["source"]: Place(row["source"], row["page"], row["pattern"])
        for row in declared("caudal.figures", "updates.csv")
    }
    for name in only:
        if name not in sources():
            raise OptionError(f"{name!r} is not a source", remedy=did_you_mean(name, sources()))
        if name not in found:
            raise OptionError(
                f"{name!r} has no address that can be fetched",
                remedy="Download the file and take it in with `caudal figures add FILE`; "
                "fetched are " + ", ".join(found),
            )
    chosen = [found[name] for name in (only or found)]
    if mirror is None:
        return chosen
    base = urlsplit(mirror)
    if base.scheme not in ("http", "https") or not base.netloc:
        raise OptionError(
            f"{mirror!r} is not an address", where="--mirror", remedy="E.g. http://localhost:8000"
        )
    return [
        replace(place, page=urlunsplit((base.scheme, base.netloc, *urlsplit(place.page)[2:])))
        for place in chosen
    ]


def update(
    archive: Archive,
    store: Store,
    where: Sequence[Place],
    *,
    today: date,
    fetcher: Fetcher | None = None,
    dry_run: bool = False,
    note: Callable[[str], None] = lambda _: None,
) -> list[Updated]:
    """Fetch what is new at each place and take it in: each file whole or not at all.

    Parameters
    ----------
    archive : Archive
        Everything known, the store included.
    store : Store
        Where new releases go.
    where : sequence of Place
        See `places`.
    today : datetime.date
        The day of retrieval; the day of release where the publisher does not say it.
    fetcher : Fetcher, optional
        Default limits when left out.
    dry_run : bool
        Only look what would be fetched; nothing is written.
    note : callable
        Called with a line for each file.

    Returns
    -------
    list of Updated
        One per place; a place that fails leaves the others and the store as they are.

    Raises
    ------
    OfflineError
        When no publisher could be reached at all.
    """
    reader = fetcher or Fetcher(store.path / ".downloads")
    done: list[Updated] = []
    unreachable: OfflineError | None = None
    dead: set[str] = set()
    for place in where:
        host = urlsplit(place.page).netloc
        if host in dead:
            done.append(Updated(place.source, "failed", f"{place.page}: {host} cannot be reached"))
            continue
        note(f"{place.source}: asking {urlsplit(place.page).netloc}")
        try:
            done.append(_one(archive, store, place, today, reader, dry_run))
        except OfflineError as error:
            unreachable, reader = error, reader.impatient()
            dead.add(host)
            done.append(Updated(place.source, "failed", str(error)))
        except CaudalError as error:
            done.append(Updated(place.source, "failed", str(error)))
    if unreachable is not None and all(one.outcome == "failed" for one in done):
        raise OfflineError(
            f"no publisher can be reached ({unreachable.what})",
            where=unreachable.where,
            remedy="Nothing was changed; the archive answers as before",
        )
    return done


def _one(
    archive: Archive, store: Store, place: Place, today: date, reader: Fetcher, dry_run: bool
) -> Updated:
    address = place.page
    if place.pattern:
        listing = reader.get(place.page, page=True)
        address = newest_link(listing, place)
    state = _state(store)
    known = state.get(address, {})
    answer = reader.get(address, etag=known.get("etag", ""), modified=known.get("modified", ""), head=dry_run)
    name = _name(address)
    if answer.content is None:
        since = known.get("checked", "the last time")
        return Updated(place.source, "unchanged", f"{name} has not changed since {since}")
    if dry_run:
        size = f" ({answer.size:,} bytes)" if answer.size else ""
        return Updated(place.source, "would fetch", f"{name}{size} from {address}")
    if known.get("sha256") == answer.sha256:
        _remember(store, address, answer, today)
        return Updated(place.source, "unchanged", f"{name} has the same content as before")
    added = _take_in(archive, store, place, name, answer, today)
    _remember(store, address, answer, today)
    outcome = "unchanged" if all(one.held for one in added) else "new"
    return Updated(place.source, outcome, "; ".join(str(one) for one in added), tuple(added))


def _take_in(
    archive: Archive, store: Store, place: Place, name: str, answer: Fetched, today: date
) -> list[Added]:
    """Put the file beside the store and add it; what it is, its content says, not its address."""
    directory = store.path / ".downloads"
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    try:
        path.write_bytes(answer.content or b"")
        other = {parsed.source for parsed in parse(SourceFile.read(path))} - {place.source}
        if other:
            raise FetchError(f"holds {', '.join(sorted(other))}, not {place.source}", where=answer.address)
        released = answer.released or today
        held = next((r for r in Archive(archive.layers).releases if r.sha256 == answer.sha256), None)
        added = add_file(
            Archive(archive.layers),
            store,
            path,
            released=held.released if held else min(released, today),
            certainty=held.certainty
            if held
            else ("day of the file" if answer.released else "day of retrieval"),
            retrieved=today,
        )
    finally:
        path.unlink(missing_ok=True)
    return added


def newest_link(listing: Fetched, place: Place) -> str:
    """Return the newest file that a page links to: the latest fiscal year, then month, in the names that fit.

    Raises
    ------
    FetchError
        When no link fits.
    """
    text = (listing.content or b"").decode("utf-8", errors="replace")
    links = [
        html.unescape(link) for link in re.findall(r"""href\s*=\s*["']([^"'<>]+)["']""", text, re.IGNORECASE)
    ]
    fitting = [link for link in links if re.fullmatch(place.pattern, _name(link), re.IGNORECASE)]
    if not fitting:
        raise FetchError(
            f"lists no file like {place.pattern}",
            where=listing.address,
            remedy="The publisher has changed the page: `caudal figures add FILE` takes a file at hand",
        )
    return urljoin(listing.address, max(fitting, key=lambda link: (_age(_name(link)), link)))


def _age(name: str) -> tuple[int, int]:
    """Return year and month a file name tells: ``fy21-fy24-nov`` is (2024, 2); a whole fiscal year is month 13."""
    years = [int(two) + 2000 for two in re.findall(r"fy(\d\d)", name.lower())] or [
        int(four) for four in re.findall(r"20\d\d", name)
    ]
    year = max(years, default=0)
    words = re.findall(r"[a-z]+", name.lower())
    months = [
        MONTH_ABBREVIATIONS[word[:3].upper()]
        for word in words
        if word[:3].upper() in MONTH_ABBREVIATIONS and (len(word) == 3 or word in _LONG_MONTHS)
    ]
    if numbered := re.search(r"fy\d\dm(\d\d)", name.lower()):
        return year, int(numbered[1])
    if not months:
        return year, 13
    return (year, (months[-1] - 10) % 12 + 1) if "fy" in name.lower() else (year, months[-1])


_LONG_MONTHS = frozenset(
    "january february march april june july august september october november december".split()  # noqa: SIM905
)


def _name(address: str) -> str:
    path = unquote(urlsplit(address).path).rsplit("/", 1)[-1]
    return re.sub(r"[^\w.+@-]", "_", path) or "download"


def _state(store: Store) -> dict[str, dict[str, str]]:
    try:
        found = json.loads((store.path / _STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # only a memory of what need not be downloaded: without it everything is
    return found if isinstance(found, dict) else {}


def _remember(store: Store, address: str, answer: Fetched, today: date) -> None:
    with store.writing():
        state = _state(store)
        state[address] = {
            "etag": answer.etag,
            "modified": answer.modified,
            "sha256": answer.sha256,
            "checked": today.isoformat(),
        }
        temporary = store.path / f".{_STATE}.tmp"
        temporary.write_text(json.dumps(state, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        temporary.replace(store.path / _STATE)
