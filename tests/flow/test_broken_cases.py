"""Broken cases: one line each, with file and row and how to mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from caudal import CaudalError
from caudal.flow import compile_case
from caudal.network import check_case, read_flee
from flow.conftest import CLOSURES, LOCATIONS, ROUTES, SETTINGS, write_case

RING = LOCATIONS + "M1,x,Home,2,31,marker,,\nM2,x,Home,2,31,marker,,\nM3,x,Home,2,31,marker,,\n"
SHORT = "#Day,Alpha\n" + "".join(f"{d},1\n" for d in range(20))
QUIET = "#Day,Alpha,Beta\n" + "".join(f"{d},{int(d != 30)},0\n" for d in range(60))

BROKEN: dict[str, tuple[dict[str, str], str, str]] = {
    "unknown place": ({"routes": ROUTES + "Alpha,Gama,30,0\n"}, "routes.csv, row 11", "Did you mean 'Gamma'?"),
    "negative distance": ({"routes": ROUTES + "Alpha,Delta,-3,0\n"}, "routes.csv, row 11", "above 0"),
    "zero distance": ({"routes": ROUTES + "Alpha,Delta,0,0\n"}, "routes.csv, row 11", "above 0"),
    "closure of a missing link": (
        {"closures": CLOSURES + "link,Alpha,Oak,3,9\n"}, "closures.csv, row 5", "no link Alpha – Oak"),
    "closure of a missing country": (
        {"closures": CLOSURES + "country,Home,Fra,3,9\n"}, "closures.csv, row 5", "Did you mean 'Far'?"),
    "conflicts too short": ({"conflicts": SHORT}, "conflicts.csv, row 21", "20 days of conflict for 60"),
    "no conflict zone on a day": ({"conflicts": QUIET}, "conflicts.csv, row 32", "nobody can be displaced"),
    "ring of markers": (
        {"locations": RING, "routes": ROUTES + "M1,M2,1,0\nM2,M3,1,0\nM3,M1,1,0\n"},
        "routes.csv, row 13", "markers form a ring"),
    "camp without registrations": (
        {"locations": LOCATIONS + "Fir,Border,Far,0.6,29.1,camp,,500\n", "routes": ROUTES + "Fir,Ash,20,0\n"},
        "data_layout.csv", "camp 'Fir' is missing"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "where", "what"), BROKEN.values(), ids=list(BROKEN))
def test_broken_cases_get_one_line(
    tmp_path: Path, caudal_command: Any, files: Any, where: str, what: str
) -> None:
    root = write_case(tmp_path / "case", **files)
    errors = [f for f in check_case(read_flee(root)) if f.level == "error"]
    assert len(errors) == 1, list(map(str, errors))
    assert where in errors[0].where
    assert what in str(errors[0])
    assert "\n" not in str(errors[0])


def test_coordinates_the_wrong_way_round_are_a_warning(tmp_path: Path) -> None:
    swapped = LOCATIONS.replace("Ash,Border,Far,0.5,29.0", "Ash,Border,Far,29.0,0.5")
    found = [
        f for f in check_case(read_flee(write_case(tmp_path / "c", locations=swapped))) if "swapped" in str(f)
    ]
    assert [f.level for f in found] == ["warning"]
    assert "locations.csv, row 9" in found[0].where


@pytest.mark.parametrize("country", ["Uganda", "UGA", "South_Sudan"])
def test_coordinates_the_wrong_way_round_throughout_are_told_by_the_country(
    tmp_path: Path, country: str
) -> None:
    right = LOCATIONS.replace(",Home,", f",{country},")
    head, *rows = right.splitlines()
    places = [row.split(",") for row in rows]
    wrong = "\n".join([head, *(",".join([*p[:3], p[4], p[3], *p[5:]]) for p in places)]) + "\n"
    for text, expected in ((right, []), (wrong, ["warning"])):
        case = read_flee(write_case(tmp_path / str(len(expected)), locations=text))
        found = [f for f in check_case(case) if "swapped" in str(f)]
        assert [f.level for f in found] == expected
    assert "locations.csv, row 2" in found[0].where
    assert "so do 3 more" in str(found[0])


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"routes": ROUTES + "Alpha,Delta,far,0\n"}, r"routes.csv, row 11: distance is 'far'"),
        ({"locations": LOCATIONS + "Alpha,x,Home,1,1,town,,\n"}, r"row 10: place 'Alpha' is there twice"),
        ({"locations": LOCATIONS.replace("forwarding_hub", "castle")}, r"row 6: location_type 'castle'"),
        ({"closures": CLOSURES + "door,a,b,1,2\n"}, r"closures.csv, row 5: closure_type 'door'"),
        (
            {"simsetting": SETTINGS + "  default_movechanse: 0.2\n"},
            r"Did you mean 'move_rules.default_movechance'",
        ),
        ({"simsetting": SETTINGS + "  fixed_routes: true\n"}, r"fixed_routes is not reproduced"),
        ({"simsetting": SETTINGS + "  camp_weight: heavy\n"}, r"'heavy', which is not a number"),
        ({"simsetting": "move_rules: [\n"}, r"not valid YAML"),
        ({"sim_period": "StartDate,2020-01-01\n"}, r"Length is missing"),
        ({"sim_period": "StartDate,1 May\nLength,3\n"}, r"row 1: '1 May' is not a day"),
    ],
)
def test_unreadable_files_name_the_row(tmp_path: Path, files: Any, message: str) -> None:
    with pytest.raises(CaudalError, match=message):
        compile_case(read_flee(write_case(tmp_path / "case", **files)))


def test_the_command_prints_every_error_and_exits_with_2(tmp_path: Path, caudal_command: Any) -> None:
    root = write_case(tmp_path / "c", routes=ROUTES + "Alpha,Gama,30,0\nAlpha,Delta,-3,0\n")
    done = caudal_command("flow", "validate", root, check=False)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2
    assert "Traceback" not in done.stderr
    assert caudal_command("flow", "check", root, check=False).returncode == 1


def test_the_reference_would_be_silently_wrong(tmp_path: Path) -> None:
    closures = CLOSURES + "link,Hub,Oak,10,20\nremove_forced_redirection,Hub,Elm,3,9\n"
    routes = ROUTES.replace("Hub,Oak,30,0", "Hub,Oak,30,1")
    text = "\n".join(
        map(str, check_case(read_flee(write_case(tmp_path / "c", closures=closures, routes=routes))))
    )
    assert "closures of single links have no effect" in text
    assert "redirections move nobody" in text
    assert "doubles the link Hub – Oak" in text


def test_documented_closures_of_links_close_them(tmp_path: Path) -> None:
    root = write_case(tmp_path / "c", closures=CLOSURES + "link,Hub,Oak,10,20\n")
    case = read_flee(root)
    for compat, shut in (("flee", 0), ("documented", 2)):
        plan = compile_case(case, compat=compat).schedule
        assert len(plan.shut[10]) == shut
