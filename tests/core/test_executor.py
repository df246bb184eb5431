"""Threads, processes, one order, and an interrupt that leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import pytest

from caudal import CaudalError
from caudal._core.executor import executor, in_order


def _run(program: str, *, interrupt_after: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a script with processes in a session of its own, and send Ctrl-C to all of it once it says a word."""
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    told = ""
    if interrupt_after:
        for line in process.stdout:
            told += line
            if interrupt_after in line:
                os.killpg(process.pid, signal.SIGINT)
                break
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess([], process.returncode, told + out, err)


@pytest.fixture
def script(tmp_path):
    """A program in a file, which spawned processes can import."""

    def make(body: str) -> str:
        (tmp_path / "work.py").write_text(
            textwrap.dedent("""
                import os, time
                def square(x):
                    time.sleep(0.05 * (x % 3))
                    return x * x
                def told(_):
                    import numpy, threadpoolctl
                    return [library["num_threads"] for library in threadpoolctl.threadpool_info()]
                def where(x):
                    return x, os.getpid()
                def fail(x):
                    raise ValueError(x)
                def die(_):
                    os._exit(9)
                def long(_):
                    time.sleep(600)
            """)
        )
        head = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\nimport work\n"
        head += "from caudal._core.executor import executor, in_order\n"
        path = tmp_path / "program.py"
        path.write_text(head + "def main():\n" + textwrap.indent(textwrap.dedent(body), "    ")
                        + "\nif __name__ == '__main__':\n    main()\n")  # fmt: skip
        return str(path)

    return make


@pytest.mark.parametrize("workers", [1, 3])
def test_results_come_in_the_order_of_the_items(workers):
    with executor(workers) as pool:
        assert list(in_order(pool, lambda x: x * x, range(40), ahead=4)) == [x * x for x in range(40)]


def test_no_workers_is_a_mistake():
    with pytest.raises(CaudalError, match="0 workers"), executor(0):
        pass


def test_processes_give_the_same_order_on_one_thread_each(script):
    done = _run(
        script("""
            with executor(2, processes=True) as pool:
                print(list(in_order(pool, work.square, range(8))))
                print(list(pool.map(work.square, range(5))))
                print(set(sum(pool.map(work.told, range(4)), [])))
        """)
    )
    assert done.returncode == 0, done.stderr
    squares, mapped, threads = done.stdout.splitlines()
    assert squares == str([x * x for x in range(8)])
    assert mapped == str([x * x for x in range(5)])
    assert threads == "{1}"


def test_steady_processes_get_the_same_items_again(script):
    done = _run(
        script("""
            with executor(2, processes=True, steady=True) as pool:
                first, again = (list(pool.map(work.where, range(7), chunksize=2)) for _ in range(2))
                print(first == again, [x for x, _ in first], len({pid for _, pid in first}))
                print([pid for _, pid in first[::2]] == [first[0][1]] * 4)
                print(list(pool.map(work.square, range(1))), list(pool.map(work.square, [])))
        """)
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["True [0, 1, 2, 3, 4, 5, 6] 2", "True", "[0] []"]


@pytest.mark.parametrize("steady", [False, True])
def test_an_error_in_a_process_arrives_and_ends_the_others(script, steady):
    done = _run(
        script(f"""
            with executor(2, processes=True, steady={steady}) as pool:
                pool.submit(work.long, 0)
                list(in_order(pool, work.fail, [7]))
        """)
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith("ValueError: 7")


def test_a_process_that_was_ended_is_one_clear_line(script):
    done = _run(
        script("""
            from caudal import CaudalError
            try:
                with executor(2, processes=True) as pool:
                    list(in_order(pool, work.die, [1]))
            except CaudalError as error:
                print(error)
        """)
    )
    assert (done.returncode, done.stdout.count("fewer workers")) == (0, 1), done.stderr


@pytest.mark.parametrize("steady", [False, True])
@pytest.mark.skipif(sys.platform == "win32", reason="no process groups to signal")
@pytest.mark.parametrize("when", ["born", "at work"])
def test_an_interrupt_ends_the_processes_and_says_nothing_of_them(script, when, steady):
    done = _run(
        script(f"""
            import multiprocessing
            try:
                with executor(2, processes=True, steady={steady}) as pool:
                    futures = [pool.submit(work.long, i) for i in range(9)]
                    if {when!r} == "at work":
                        import time
                        while not any(f.running() for f in futures):
                            time.sleep(0.01)
                    print({when!r}, flush=True)
                    futures[0].result()
            except KeyboardInterrupt:
                print("interrupted,", len(multiprocessing.active_children()), "left", flush=True)
        """),
        interrupt_after=when,
    )
    assert done.stdout.splitlines() == [when, "interrupted, 0 left"], done.stderr
    assert "Traceback" not in done.stderr
