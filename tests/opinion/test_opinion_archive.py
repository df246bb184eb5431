"""The archive of polls: compiled figures, the user's own rows, what was known when."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from caudal import opinion
from caudal._core.errors import CaudalError, InputError, OptionError
from caudal.opinion._archive import _lag_days, compiled
from caudal.opinion._compile import compile_polls


def test_public_names_exist_and_are_declared() -> None:
    public = {name for name in vars(opinion) if not name.startswith("_")} - {"annotations"}
    assert public == set(opinion.__all__)


def test_the_table_is_what_the_shipped_files_compile_to(shared_data: Path) -> None:
    assert compile_polls(shared_data / "polls").equals(compiled())


def test_what_the_compiled_table_holds() -> None:
    immigration = opinion.polls("immigration", president="Trump 2")
    assert immigration.filter(pl.col("status") == "published").height == 266
    everything = opinion.polls()
    assert everything["address"].null_count() == 0
    assert everything.filter(pl.col("status") == "published")["address"].str.contains(r"\w\.\w").all()
    assert everything.select((pl.col("field_start") <= pl.col("field_end")).all()).item()
    assert everything.select((pl.col("field_end") < date(2026, 2, 28)).all()).item()


def test_duplicates_are_kept_once_and_slips_of_the_year_are_said() -> None:
    table = opinion.polls("immigration")
    key = ["pollster", "field_start", "field_end", "n", "population", "approve", "disapprove", "variant"]
    dated = table.filter(pl.col("field_end").is_not_null() & pl.col("n").is_not_null())
    assert dated.select(key).is_duplicated().sum() == 0
    marquette = table.filter(
        pl.col("correction").is_not_null() & (pl.col("pollster").str.contains("Marquette"))
    )
    assert marquette["correction"].to_list() == ["field_start printed 2026-11-05"]


def test_monmouth_as_published() -> None:
    (poll,) = opinion.polls("immigration", president="Biden").filter(
        (pl.col("pollster") == "Monmouth University") & (pl.col("published") == date(2023, 12, 18))
    ).iter_rows(named=True)  # fmt: skip
    assert (poll["approve"], poll["disapprove"], poll["unsure"]) == (None, 69.0, None)
    assert (poll["dem_approve"], poll["dem_disapprove"]) == (50.0, 47.0)
    assert poll["n"] is None
    assert poll["address"].startswith("https://")


def test_a_poll_is_known_from_publication_else_after_the_declared_lag() -> None:
    table = opinion.polls()
    no_day = table.filter(pl.col("published").is_null() & pl.col("field_end").is_not_null())
    lag = timedelta(days=opinion.PUBLICATION_LAG)
    assert no_day.select((pl.col("known_on") == pl.col("field_end") + lag).all()).item()
    printed = table.filter(pl.col("published").is_not_null())
    assert printed.select((pl.col("known_on") == pl.col("published")).all()).item()
    # The lag is no guess: no poll whose day of publication is printed took longer.
    lags = _lag_days(compiled())
    assert len(lags) >= 30
    assert lags.max() <= opinion.PUBLICATION_LAG


def test_as_of_hides_later_polls() -> None:
    assert (
        opinion.polls("immigration", as_of="2023-12-17")
        .filter(pl.col("published") == date(2023, 12, 18))
        .is_empty()
    )
    assert opinion.polls("immigration", as_of="2025-06-30")["known_on"].max() <= date(2025, 6, 30)


def test_answers_by_party_as_published() -> None:
    rows = opinion.crosstabs("immigration", as_of="2023-12-22", president="Biden")
    monmouth = rows.filter(pl.col("house") == "Monmouth University").to_dicts()
    assert [(r["group"], r["approve"], r["disapprove"]) for r in monmouth] == [("Democrats", 50.0, 47.0)]


HEADER = "pollster,population,address,field_end,approve,disapprove,n\n"


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    return path


def test_own_polls_join_the_archive(tmp_path: Path) -> None:
    path = _file(tmp_path, HEADER + 'Monmouth,A,https://example.org/p,2024-03-04,30,66,"1,010"\n')
    (own,) = opinion.polls("immigration", president="Biden", own=[path]).filter(
        pl.col("address") == "https://example.org/p"
    ).iter_rows(named=True)  # fmt: skip
    assert (own["house"], own["n"], own["unsure"]) == ("Monmouth University", 1010, 4.0)
    assert own["known_on"] == date(2024, 3, 4) + timedelta(days=opinion.PUBLICATION_LAG)
    pooled = opinion.pool("immigration", as_of="2024-03-20", own=[path])
    assert "https://example.org/p" in pooled.polls["address"].to_list()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pollster,population\n", "'address' is missing"),
        (HEADER.replace("approve", "aprove", 1), "'aprove' is not understood"),
        (HEADER + "X,A,,2024-03-04,30,66,\n", "address is empty"),
        (HEADER + "X,A,example.org,2024-03-04,30,66,\n", "not a web address"),
        (HEADER + "X,Q,https://e.org,2024-03-04,30,66,\n", "population 'Q'"),
        (HEADER + "X,A,https://e.org,,30,66,\n", "neither field_end nor published"),
        (HEADER + "X,A,https://e.org,2024-02-30,30,66,\n", "is not a day"),
        (HEADER + "X,A,https://e.org,2024-03-04,130,66,\n", "'130' is not a percentage"),
        (HEADER + "X,A,https://e.org,2024-03-04,nan,66,\n", "is not a percentage"),
        (HEADER + "X,A,https://e.org,2024-03-04,60,66,\n", "more than 100"),
        (HEADER + "X,A,https://e.org,2024-03-04,,,\n", "neither approve nor disapprove"),
        (HEADER + "X,A,https://e.org,2024-03-04,30,66,-5\n", "not a whole number above zero"),
        (HEADER + "X,A,https://e.org,1999-03-04,30,66,\n", "no term of office"),
    ],
)
def test_a_bad_row_is_one_line_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CaudalError) as error:
        opinion.read_own(_file(tmp_path, text))
    line = str(error.value)
    assert said in line
    assert "\n" not in line
    if "row" not in said and text.count("\n") > 1 and "term of office" not in said:
        assert "row 2" in line


def test_a_missing_or_binary_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        opinion.read_own(tmp_path / "none.csv")
    (tmp_path / "b.csv").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError, match="cannot be read"):
        opinion.read_own(tmp_path / "b.csv")


def test_unknown_issue_and_term() -> None:
    with pytest.raises(OptionError, match="Did you mean 'immigration'"):
        opinion.polls("imigration")
    with pytest.raises(OptionError, match="Did you mean 'Biden'"):
        opinion.polls("immigration", president="Bidden")


def test_a_wrong_figure_in_a_shipped_file_names_its_row(tmp_path: Path, shared_data: Path) -> None:
    for path in (shared_data / "polls").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    name = "presidential-immigration-approval-2025-2026.csv"
    lines = (tmp_path / name).read_text().splitlines()
    lines[2] = lines[2].replace(",53.0,", ",153.0,", 1)
    (tmp_path / name).write_text("\n".join(lines))
    with pytest.raises(InputError, match=r"row 3: approve '153\.0' is not a percentage"):
        compile_polls(tmp_path)
