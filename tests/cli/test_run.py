"""The command line as a whole: help, global options, mistakes."""

from __future__ import annotations

from caudal.cli._run import _globals_first


def test_global_options_may_stand_anywhere() -> None:
    words = ["figures", "series", "x", "--store", "d", "--quiet", "--", "--quiet"]
    assert _globals_first(words) == ["--store", "d", "--quiet", "figures", "series", "x", "--", "--quiet"]


def test_help_lists_every_command(caudal_command) -> None:  # type: ignore[no-untyped-def]
    from caudal.cli import COMMANDS

    text = caudal_command("--help").stdout
    for name in COMMANDS:
        assert name in text


def test_unknown_command_is_one_clear_line(caudal_command) -> None:  # type: ignore[no-untyped-def]
    done = caudal_command("figurs", check=False)
    assert done.returncode == 2
    assert "figures" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_full_disk_is_one_line(caudal_command) -> None:  # type: ignore[no-untyped-def]
    import subprocess
    import sys

    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "caudal", "figures", "measures"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=120,
        )
    assert done.returncode == 2
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_finding() -> None:
    import subprocess
    import sys

    command = [
        sys.executable,
        "-m",
        "caudal",
        "figures",
        "series",
        "usbp-encounters",
        "--by",
        "sector",
        "-f",
        "csv",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as done:
        assert done.stdout is not None
        done.stdout.readline()
        done.stdout.close()  # as `head -1` does
        assert done.wait(timeout=120) == 0
