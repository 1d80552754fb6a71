"""The report is made of the raw figures alone, and says what did not come to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.cases import Case, Ending, Peer, Result, Results, Run
from benchmarks.report import number, render
from benchmarks.shapes import Shape

MB = 2**20


def run(wall: float, cpu: float, **more: float) -> Run:
    return Run(wall, cpu, 200 * MB, 150 * MB, 2.0, parts=more)


def result(peer: Peer, size: int, *runs: Run, ending: Ending = Ending.DONE) -> Result:
    note = "" if ending is Ending.DONE else "7 of 100 done"
    return Result(Case(peer, Shape.CHAIN, size), ending, runs, note, 300.0)


RESULTS = Results(
    {"processor": "a fast one", "cores": "2", "Heat": ""},
    (
        result(Peer.WFBREAK, 10, run(1.0, 0.5), run(9.0, 0.7), run(2.0, 0.6)),
        result(Peer.WFBREAK, 100, run(8.0, 6.0)),
        result(Peer.WFBREAK_STOP, 10, run(2.5, 0.7, to_paused=0.25)),
        result(Peer.HEAT, 10, run(4.0, 1.8)),
        result(Peer.HEAT, 100, ending=Ending.OVER),
        result(Peer.HEAT_MENDED, 100, ending=Ending.HANGS),
    ),
    ({"resources": 1000, "bare": 0.5, "plain": 2.0, "stops": 2.5},),
)


def rows(text: str, first: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"| {first} |")]


def test_medians_and_ratios() -> None:
    text = render(RESULTS)
    assert rows(text, "wfbreak")[0] == "| wfbreak | 2.00 | 8.00 |"
    assert rows(text, "Heat, stock")[0] == "| Heat, stock | 4.00 (2×) | over 300 s |"
    assert rows(text, "Heat, stock")[1] == "| Heat, stock | 180 (3×) | over 300 s |"
    assert rows(text, "chain") == ["| chain | 10 | 0.25 | 2.50 |"]
    assert rows(text, "1,000") == ["| 1,000 | 0.50 | 2.00 (4.0×) | 2.50 (5.0×) |"]


def test_what_did_not_end_is_named() -> None:
    unfinished = render(RESULTS).partition("## What did not come to its end")[2]
    assert rows(unfinished, "Heat, mended") == [
        "| Heat, mended | chain | 100 | hangs | 7 of 100 done |"
    ]


def test_the_machine_is_named_where_it_is_known() -> None:
    text = render(RESULTS)
    assert "- processor: a fast one\n- cores: 2\n" in text
    assert "- Heat:" not in text


def test_results_come_back_from_their_file(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    RESULTS.save(path)
    assert Results.load(path) == RESULTS
    assert render(Results.load(path)) == render(RESULTS)


def test_a_plot_is_the_same_twice(tmp_path: Path) -> None:
    from benchmarks.plot import draw

    for name in ("one.svg", "two.svg"):
        draw(RESULTS, tmp_path / name)
    assert (tmp_path / "one.svg").read_text() == (tmp_path / "two.svg").read_text()
    assert "Heat, mended" in (tmp_path / "one.svg").read_text()


@pytest.mark.parametrize(
    ("value", "text"), [(0.123, "0.12"), (12.34, "12.3"), (123.4, "123"), (1234.0, "1,234")]
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text
