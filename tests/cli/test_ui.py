"""``wfbreak ui`` as a process: how it begins, where it listens, how it ends."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from ui.serving import TWO, UiProcess, begun

from wfbreak.diagnostics import ExitStatus

from .command import environment, wfbreak

TIMEOUT = 60


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def entered(ui: UiProcess) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    assert session.get(ui.address, timeout=TIMEOUT).status_code == 200
    return session


def test_the_engine_that_it_brings_up_is_there_for_others(state: Path, tmp_path: Path) -> None:
    with UiProcess("--state", state) as ui:
        session = entered(ui)
        ident = begun(tmp_path, TWO, state, "--break", "a")
        page = session.get(f"{ui.root}/stacks/{ident}", timeout=TIMEOUT).text
        assert "a:pre-create" in page
        assert wfbreak("resume", ident, "--state", state).status == 0
        assert "SUCCESS" in session.get(f"{ui.root}/stacks/{ident}", timeout=TIMEOUT).text
    assert wfbreak("list", "--state", state, "-f", "value", "-c", "state").out == "SUCCESS\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_although_a_page_waits(state: Path, number: signal.Signals) -> None:
    with UiProcess("--state", state) as ui:
        session = entered(ui)
        found = re.search(r'data-version="(\w+)"', session.get(ui.root, timeout=TIMEOUT).text)
        assert found is not None
        host, port = ui.root.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as waiting:
            cookie = "; ".join(f"{c.name}={c.value}" for c in session.cookies)
            waiting.sendall(
                f"GET /changes?since={found[1]} HTTP/1.1\r\nHost: {host}:{port}\r\n"
                f"Cookie: {cookie}\r\n\r\n".encode()
            )
            status, out, err = ui.end(number)
        assert status == 0
        assert out == ""
        assert err == "Whoever has this address can decide. Ctrl-C ends it.\n"
        with pytest.raises(requests.ConnectionError):
            session.get(ui.root, timeout=TIMEOUT)


def test_it_listens_to_this_machine_alone(state: Path) -> None:
    with UiProcess("--state", state) as ui:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{40,}", ui.address)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_others_are_not_let_in_unless_somebody_says_so(state: Path, host: str) -> None:
    answer = wfbreak("ui", "--no-browser", "--host", host, "--state", state)
    assert answer.status == ExitStatus.BAD_INPUT
    assert "--open-to-network" in answer.err
    assert not state.exists()


def test_open_to_the_network_it_warns(state: Path) -> None:
    with UiProcess("--state", state, "--host", "0.0.0.0", "--open-to-network") as ui:
        port = ui.root.rpartition(":")[2]
        session = requests.Session()
        session.trust_env = False
        token = ui.address.partition("/?")[2]
        here = f"http://127.0.0.1:{port}"
        assert session.get(f"{here}/?{token}", timeout=TIMEOUT).status_code == 200
        rebound = {"Host": f"evil.example.org:{port}"}
        assert session.get(f"{here}/", headers=rebound, timeout=TIMEOUT).status_code == 403
        _, _, err = ui.end()
        assert err.startswith("open to the network at 0.0.0.0, not encrypted")


def test_a_port_that_is_taken(state: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = wfbreak("ui", "--no-browser", "--port", port, "--state", state)
    assert answer.status == ExitStatus.BAD_INPUT
    assert f"cannot listen at 127.0.0.1:{port}" in answer.err
    assert wfbreak("ui", "--port", "70000").status == 2


def test_without_the_extra_it_says_so(state: Path) -> None:
    program = (
        "import sys; sys.modules['flask'] = None; from wfbreak.cli.main import main;"
        "sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "ui", "--no-browser", "--state", str(state)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == ExitStatus.BAD_INPUT
    assert done.stderr == "wfbreak ui needs the extra 'ui': pip install 'wfbreak[ui]'\n"


def test_nothing_keeps_the_token(state: Path, tmp_path: Path) -> None:
    with UiProcess("--state", state, "--debug") as ui:
        token = ui.address.partition("token=")[2]
        session = entered(ui)
        session.get(f"{ui.root}/nothing?token={token}", timeout=TIMEOUT)
        session.get(f"{ui.root}/stacks/nothing", timeout=TIMEOUT)
        _, out, err = ui.end()
    assert token not in out + err
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert not any(token.encode() in text for text in written)
