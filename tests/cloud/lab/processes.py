"""The programs that make a cloud, each of which can be killed and started again by its name.

A program is a session of the kernel's: whatever it forks ends with it. What was started is written
into the folder, by the process itself before it becomes the program, so that another process (a
later test run, ``make cloud-down``) finds it even if this one is killed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cloud.lab.errors import LabError
from cloud.lab.folder import Folder

_END = 20.0
"""Seconds that a program may take to end when asked; then it is killed."""

# The line of /proc holds the process's id and when it started: an id alone may be another's later.
_REGISTER = 'read -r line </proc/$$/stat; printf "%s\\n" "$line" >"$0"; exec "$@"'


@dataclass(frozen=True, slots=True)
class Program:
    """A command and what it adds to the environment."""

    name: str
    argv: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Process:
    """What ``/proc/PID/stat`` says of a process."""

    pid: int
    state: str
    session: int
    started: int

    @classmethod
    def of(cls, line: str) -> _Process:
        # The second field, the command's name, stands in parentheses and may hold anything.
        rest = line.rpartition(")")[2].split()
        return cls(int(line.split(" ", 1)[0]), rest[0], int(rest[3]), int(rest[19]))


class Processes:
    """The programs of the cloud in ``folder``, whoever started them."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def start(self, program: Program) -> None:
        """Start a program in the background; its output goes to ``log/NAME.log``.

        :raises LabError: if it is running.
        """
        if self.is_alive(program.name):
            raise LabError(f"{program.name} is running")
        self._spec(program.name).write_text(json.dumps(asdict(program)))
        self._popen(program)

    def start_again(self, name: str) -> None:
        """Start a program that was started before and has ended.

        :raises LabError: if there is no such program, or if it is running.
        """
        try:
            spec = json.loads(self._spec(name).read_text())
        except FileNotFoundError:
            raise LabError(f"there is no program {name}: {', '.join(self.names())}") from None
        self.start(Program(spec["name"], tuple(spec["argv"]), spec["env"]))

    def run(self, program: Program) -> None:
        """Run a program to its end.

        :raises LabError: if its exit status is not 0.
        """
        status = self._popen(program).wait()
        if status:
            raise LabError(f"{program.name} ended with {status}\n{self.tail(program.name)}")

    def names(self) -> list[str]:
        """The programs that run in the background, or did."""
        return sorted(path.stem for path in self._folder.run.glob("*.json"))

    def is_alive(self, name: str) -> bool:
        """Whether the program itself runs (not: something that it left behind)."""
        leader = self._leader(name)
        return leader is not None and _is_running(leader)

    def pid(self, name: str) -> int | None:
        """The id of the process as which a program was started last."""
        leader = self._leader(name)
        return leader.pid if leader is not None else None

    def kill(self, name: str) -> None:
        """SIGKILL to all of a program at once, as if its machine had lost its power."""
        leader = self._leader(name)
        if leader is None:
            return
        while members := _session(leader):
            for member in members:
                with suppress(ProcessLookupError):
                    os.kill(member.pid, signal.SIGKILL)
            time.sleep(0.02)

    def stop(self, name: str) -> None:
        """Ask a program to end, and kill what has not ended after 20 s."""
        leader = self._leader(name)
        if leader is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(leader.pid, signal.SIGTERM)
        deadline = time.monotonic() + _END
        while _session(leader) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.kill(name)

    def end_all(self) -> None:
        """Kill everything that was ever started in the folder."""
        # What starts while this looks round is found by the next look.
        while alive := [name for name in self._registered() if self._has_members(name)]:
            for name in alive:
                self.kill(name)

    def tail(self, name: str, lines: int = 25) -> str:
        """The end of what a program said."""
        try:
            text = (self._folder.log / f"{name}.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _popen(self, program: Program) -> subprocess.Popen[bytes]:
        pid_file = self._folder.run / f"{program.name}.pid"
        pid_file.unlink(missing_ok=True)
        with (self._folder.log / f"{program.name}.log").open("ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _REGISTER, str(pid_file), *program.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=_environment(program),
                cwd=self._folder.data,
                start_new_session=True,
            )
        while self._leader(program.name) is None and process.poll() is None:
            time.sleep(0.005)
        return process

    def _spec(self, name: str) -> Path:
        return self._folder.run / f"{name}.json"

    def _registered(self) -> list[str]:
        return [path.stem for path in self._folder.run.glob("*.pid")]

    def _leader(self, name: str) -> _Process | None:
        """The process as which the program was started last, whether or not it runs still."""
        with suppress(FileNotFoundError):
            line = (self._folder.run / f"{name}.pid").read_text()
            if line.endswith("\n"):
                return _Process.of(line)
        return None

    def _has_members(self, name: str) -> bool:
        leader = self._leader(name)
        return leader is not None and bool(_session(leader))


def _environment(program: Program) -> dict[str, str]:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OS_", "WFBREAK_", "PYTHON"))
    }
    return {**clean, "no_proxy": "127.0.0.1,localhost", "PYTHONUNBUFFERED": "1", **program.env}


def _read(pid: int) -> _Process | None:
    try:
        return _Process.of(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None


def _is_running(process: _Process) -> bool:
    with suppress(ChildProcessError):
        os.waitpid(process.pid, os.WNOHANG)
    now = _read(process.pid)
    return now is not None and now.started == process.started and now.state not in "ZX"


def _session(leader: _Process) -> list[_Process]:
    """What lives of the session that ``leader`` began; none if the kernel has given away its id."""
    _is_running(leader)  # takes its exit status if it is a child of this process
    now = _read(leader.pid)
    if now is not None and now.started != leader.started:
        return []
    found = (_read(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit())
    return [
        process
        for process in found
        if process is not None and process.session == leader.pid and process.state not in "ZX"
    ]
