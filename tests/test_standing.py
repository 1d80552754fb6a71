"""What is said of a stop, of documents that were translated: every sentence, and what bounds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wfbreak import live
from wfbreak.secrets import MASK, SEALED
from wfbreak.standing import Standing, since_of
from wfbreak.translate import Mode, Request, translate
from wfbreak.wording import headline

SINCE = datetime(2026, 11, 27, 18, 0, 33, tzinfo=UTC)
SAID = "stopped before b is created"
TEMPLATE = """\
heat_template_version: 2021-04-16
resources:
  a: {type: OS::Heat::RandomString}
  b: {type: OS::Heat::RandomString, depends_on: a}
  c: {type: OS::Heat::RandomString, depends_on: b}
  d: {type: OS::Heat::RandomString, depends_on: c}
"""


def standing(
    folder: Path,
    breaks: str,
    stops: Iterable[str],
    done: Iterable[str],
    *,
    env: Mapping[str, Any] | None = None,
    mode: Mode = Mode.NON_STOP,
    template: str = TEMPLATE,
) -> Standing:
    (folder / "t.yaml").write_text(template)
    (folder / "breaks.yaml").write_text(f"breakpoints: [{breaks}]\n")
    files = (str(folder / "breaks.yaml"),)
    made = translate(Request(str(folder / "t.yaml"), break_files=files, mode=mode))
    tasks = made.document[made.name]["tasks"]
    steps = mode is Mode.STEP
    return Standing(tasks, frozenset(done), frozenset(), list(stops), env or {}, SINCE, steps)


def words(stands: Standing, ids: Mapping[str, Any] | None = None) -> list[str]:
    return stands.words(SAID, ids or {}).splitlines()


def test_every_question_has_its_line(tmp_path: Path) -> None:
    env = {
        live.KEY: {
            live.AUDIT: {
                "2026-11-27T17:59:00.000001Z": {"event": "run", "who": "ann", "why": "a new size"}
            }
        }
    }
    stands = standing(tmp_path, "{resource: b}, {resource: d}", ["b:pre-create"], ["a"], env=env)
    assert words(stands, {"a": "id-1"}) == [
        "stopped before b is created.",
        "Since 2026-11-27 18:00:33 UTC.",
        f"Breakpoint b:pre-create, set by {tmp_path}/breaks.yaml:1:26.",
        "Begun (run) by ann, because: a new size.",
        "Resume: 2 resources are created: b, c; then it stops again before d is created, "
        "with 1 still to come.",
        "1 of 4 resources exist: a (OS::Heat::RandomString id-1).",
    ]


def test_what_reads_it_finds_the_first_line_and_the_time(tmp_path: Path) -> None:
    told = standing(tmp_path, "{resource: b}", ["b:pre-create"], ["a"]).words(SAID, {})
    assert headline(told) == SAID
    assert since_of(told) == SINCE
    assert headline("Failure caused by error in tasks: a.\n") == (
        "Failure caused by error in tasks: a.\n"
    )
    assert since_of(SAID) is None


def test_the_last_stop_and_one_after_which_nothing_is_made(tmp_path: Path) -> None:
    stands = standing(tmp_path, "{resource: d}", ["d:pre-create"], ["a", "b", "c"])
    assert "Resume: 1 resource is created: d; then the stack is done." in words(stands)
    after = "{resource: d, hook: post-create}"
    stands = standing(tmp_path, after, ["d:post-create"], ["a", "b", "c", "d"])
    assert "Resume: it is done then." in words(stands)


def test_what_is_said_on_the_execution_counts(tmp_path: Path) -> None:
    """Breakpoints that were disarmed, armed, or are passed by until another one."""
    breaks = "{resource: b}, {resource: c}, {resource: d}"

    def next_stop(said: Mapping[str, Any]) -> str:
        stands = standing(tmp_path, breaks, ["b:pre-create"], ["a"], env={live.KEY: dict(said)})
        (line,) = [line for line in words(stands) if line.startswith("Resume: ")]
        return line

    assert "stops again before c is created" in next_stop({})
    assert "stops again before d" in next_stop({live.ARMED: {"c:pre-create": False}})
    assert "stops again before d" in next_stop({live.UNTIL: 3})
    off = {"c:pre-create": False, "d:pre-create": False}
    assert "then the stack is done" in next_stop({live.ARMED: off})


def test_who_armed_it_on_the_execution(tmp_path: Path) -> None:
    entry = {"event": "break", "who": "ben", "why": "to see", "armed": ["b:pre-create"]}
    audit = {"2026-11-27T17:00:00.000001Z": entry}
    said = {live.ARMED: {"b:pre-create": True}, live.AUDIT: audit}
    stands = standing(tmp_path, "{resource: b}", ["b:pre-create"], ["a"], env={live.KEY: said})
    by = "set by ben at 2026-11-27 17:00:00 UTC, because: to see."
    assert f"Breakpoint b:pre-create, {by}" in words(stands)


def test_conditions_and_limits(tmp_path: Path) -> None:
    breaks = "{resource: b, limit: 60}, {resource: c, condition: 1 = 1}"
    stands = standing(tmp_path, breaks, ["b:pre-create"], ["a"])
    told = "\n".join(words(stands))
    assert "for at most 60 s, then go on." in told
    assert "then it may stop again before c is created" in told
    stands = standing(tmp_path, breaks, ["c:pre-create"], ["a", "b"])
    assert "only if 1 = 1." in "\n".join(words(stands))


def test_steps(tmp_path: Path) -> None:
    def next_stop(said: Mapping[str, Any]) -> str:
        stops, env = ["b:pre-create"], {live.KEY: dict(said)}
        stands = standing(tmp_path, "{resource: d}", stops, ["a"], env=env, mode=Mode.STEP)
        assert "A step ends here (b:pre-create)." in words(stands)
        (line,) = [line for line in words(stands) if line.startswith("Resume: ")]
        return line

    assert "created: b; then it stops again before c is created, with 2 still" in next_stop({})
    # Once wfbreak resume was used, it goes to the next armed one.
    assert "created: b, c; then it stops again before d" in next_stop({live.RUN_TO: live.END})


def test_a_sealed_id_stays_shut_and_what_is_no_text_is_left_out(tmp_path: Path) -> None:
    stands = standing(tmp_path, "{resource: c}", ["c:pre-create"], ["a", "b"])
    ids = {"a": {SEALED: "e30.AAAA"}, "b": ["x"]}
    assert words(stands, ids)[-1] == (
        f"2 of 4 resources exist: a (OS::Heat::RandomString {MASK}), b (OS::Heat::RandomString)."
    )


def test_a_large_stack_is_told_in_a_page(tmp_path: Path) -> None:
    many = "heat_template_version: 2021-04-16\nresources:\n" + "".join(
        f"  r{n}: {{type: OS::Heat::RandomString}}\n" for n in range(300)
    )
    late = "{resource: late}"
    template = f"{many}  late: {{type: OS::Heat::RandomString, depends_on: r0}}\n"
    done = [f"r{n}" for n in range(300)]
    stands = standing(tmp_path, late, ["late:pre-create"], done, template=template)
    assert len(stands.listed()) == 40
    told = words(stands, dict.fromkeys(stands.listed(), "0" * 36))
    assert "300 of 301 resources exist: r0 (" in told[-1]
    assert told[-1].endswith("and 260 more, each with its id in its task's result.")
    assert len("\n".join(told)) < 5000
