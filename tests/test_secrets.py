"""What is sealed comes back, shows nowhere, and is found again in what was computed of it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfbreak import chain, secrets
from wfbreak.keys import KeyRing, PublicKey, create_keys, rotate_keys

HERE = secrets.Place("execution-1", "project-1")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return create_keys(tmp_path_factory.mktemp("keys") / "key")


@pytest.fixture(scope="module")
def box(ring: KeyRing) -> secrets.Box:
    return secrets.Box(HERE, lambda: ring)


EMPTY = secrets.Box(HERE, lambda: None)

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(plain)
def test_a_sealed_value_comes_back(box: secrets.Box, value: Any) -> None:
    sealed = box.seal(value)
    assert secrets.is_sealed(sealed)
    assert secrets.unseal_deep({"a": [sealed]}, box)[0] == {"a": [value]}
    assert secrets.mask({"a": [sealed, "x"]}) == {"a": ["******", "x"]}


@given(plain)
def test_plain_data_passes_through(value: Any) -> None:
    assert secrets.unseal_deep(value, EMPTY) == (value, frozenset())
    assert secrets.reseal_deep(value, frozenset(), EMPTY) == value
    assert secrets.mask(value) == value
    assert secrets.positioned(value, "t.yaml:1:1") == value


@given(st.text(alphabet="qxz", min_size=4, max_size=12), plain)
def test_no_secret_is_left_in_what_is_computed_of_it(
    box: secrets.Box, secret: str, other: Any
) -> None:
    opened, texts = secrets.unseal_deep(
        {"user_data": {"in": [box.seal({"password": secret}), other]}}, box
    )
    result = {"a": f"before {secret} after", "b": [opened, other], f"key {secret}": 1, "n": 5}
    closed = secrets.reseal_deep({"deep": [result, {"free": "text"}]}, texts, box)
    assert secret not in json.dumps(closed, ensure_ascii=False)
    assert closed["deep"][1] == {"free": "text"}
    assert secrets.unseal(closed, box) == {"deep": [result, {"free": "text"}]}


def test_a_short_secret_is_only_the_whole_text(box: secrets.Box) -> None:
    _, texts = secrets.unseal_deep(box.seal("ab"), box)
    closed = secrets.reseal_deep(["ab", "cab"], texts, box)
    assert secrets.is_sealed(closed[0])
    assert closed[1] == "cab"


def test_numbers_are_secrets_too(box: secrets.Box) -> None:
    _, texts = secrets.unseal_deep(box.seal(12345), box)
    closed = secrets.reseal_deep({"pin": 12345, "n": 7, "text": "pin 12345"}, texts, box)
    assert secrets.mask(closed) == {"pin": "******", "n": 7, "text": "******"}


def test_a_message_shows_no_secret() -> None:
    assert secrets.mask_text("no user hunter2!", frozenset({"hunter2", "no"})) == (
        "no user ******!"
    )


@pytest.mark.parametrize(
    "write",
    [
        str,
        repr,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: base64.b64encode(text.encode()).decode(),
        lambda text: text.replace("/", "%2F").replace('"', "%22").replace("ö", "%C3%B6"),
    ],
)
def test_a_secret_is_known_in_other_writings(box: secrets.Box, write: Any) -> None:
    secret = '/dö"x/y'
    shown = f"refused: {write(secret)}."
    assert secrets.mask_text(shown, {secret}).replace('"', "").replace("'", "") == (
        "refused: ******."
    )
    assert secrets.is_sealed(secrets.reseal_deep(shown, frozenset({secret}), box))


def test_only_its_key_opens_it(box: secrets.Box, tmp_path: Path) -> None:
    sealed = box.seal("x")
    other = create_keys(tmp_path / "other")
    with pytest.raises(secrets.SealError, match=r"its key [0-9a-f]{16} is not in .*/other"):
        secrets.unseal(sealed, secrets.Box(HERE, lambda: other))
    with pytest.raises(secrets.SealError, match=r"seal_key_file.*WFBREAK_SEAL_KEY_FILE"):
        secrets.unseal(sealed, EMPTY)
    with pytest.raises(secrets.SealError, match=r"seal_key_file.*WFBREAK_SEAL_KEY_FILE"):
        EMPTY.seal("x")
    with pytest.raises(secrets.SealError, match="plain data"):
        box.seal({1, 2})


def test_it_opens_only_in_its_place(ring: KeyRing) -> None:
    def opens(sealed: secrets.Place, place: secrets.Place) -> bool:
        token = secrets.seal("x", ring.sealing, sealed)
        try:
            return bool(secrets.unseal(token, secrets.Box(place, lambda: ring)) == "x")
        except secrets.SealError:
            return False

    here, anybodys = HERE, secrets.Place("execution-1")
    assert opens(here, here)
    assert opens(here, anybodys)  # the engine itself
    assert opens(anybodys, here)
    assert opens(anybodys, anybodys)
    assert not opens(here, secrets.Place("execution-1", "project-2"))
    assert not opens(here, secrets.Place("execution-1", ""))
    assert not opens(here, secrets.Place("execution-2", "project-1"))
    assert not opens(anybodys, secrets.Place("execution-2"))
    assert not opens(anybodys, secrets.Place(""))


def test_what_is_sealed_opens_in_the_executions_that_come_after(ring: KeyRing) -> None:
    here = secrets.Place("execution-1", "project-1")
    later = chain.successor(chain.successor(here.execution))
    sealed = secrets.seal("x", ring.sealing, here)

    def opened(execution: str, project: str) -> object:
        box = secrets.Box(secrets.Place(execution, project), lambda: ring)
        return secrets.unseal(sealed, box)

    assert opened(later, "project-1") == "x"
    with pytest.raises(secrets.SealError, match="another project"):
        opened(later, "project-2")
    with pytest.raises(secrets.SealError, match="is not opened in"):
        opened("execution-2", "project-1")
    before = secrets.seal("x", ring.sealing, secrets.Place(later, "project-1"))
    with pytest.raises(secrets.SealError, match="is not opened in"):
        secrets.unseal(before, secrets.Box(here, lambda: ring))


def test_a_box_of_an_execution_before(ring: KeyRing) -> None:
    here = secrets.Box(secrets.Place("execution-1", "p"), lambda: ring)
    later = secrets.Box(secrets.Place(chain.successor("execution-1"), "p"), lambda: ring)
    assert later.derive(b"a") != here.derive(b"a") == later.of("execution-1").derive(b"a")
    with pytest.raises(secrets.SealError, match="no execution of this stack"):
        here.of(later.place.execution)


def test_its_place_cannot_be_rewritten(box: secrets.Box, ring: KeyRing) -> None:
    token = secrets.seal("x", ring.sealing, secrets.Place("execution-2"))[secrets.SEALED]
    header, _, data = token.partition(".")
    said = json.loads(base64.urlsafe_b64decode(header + "=="))
    said["execution"] = HERE.execution
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    mine = box.seal("x")[secrets.SEALED]
    wrong = [f"{forged}.{data}", mine[:-2] + "AA", mine[1:], mine.partition(".")[0], mine[:-3]]
    wrong += ["", ".", "ä.ö", f"bnVsbA.{data}"]
    for text in wrong:
        with pytest.raises(secrets.SealError, match="it has been changed"):
            secrets.unseal({secrets.SEALED: text}, box)


def test_another_version_is_told(box: secrets.Box) -> None:
    said = {"v": 3, "key": "k", "execution": "e", "project": None}
    header = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    with pytest.raises(secrets.SealError, match="another version"):
        secrets.unseal({secrets.SEALED: f"{header}.AAAA"}, box)


def test_what_was_sealed_before_a_rotation_opens_after_it(tmp_path: Path) -> None:
    path = tmp_path / "key"
    old, tokens = create_keys(path), []
    for _ in range(4):
        tokens.append(secrets.Box(HERE, lambda ring=old: ring).seal(len(tokens)))  # type: ignore[misc]
        old, new = rotate_keys(path), old
        assert old.sealing != new.sealing
        # A host that has not got the new file yet opens what is sealed by it.
        fresh = secrets.Box(HERE, lambda ring=old: ring).seal("fresh")  # type: ignore[misc]
        assert secrets.unseal(fresh, secrets.Box(HERE, lambda ring=new: ring)) == "fresh"  # type: ignore[misc]
    box = secrets.Box(HERE, lambda: old)
    assert secrets.unseal(tokens, box) == [0, 1, 2, 3]
    cut = rotate_keys(path, keep=2)
    with pytest.raises(secrets.SealError, match="is not in"):
        secrets.unseal(tokens[-1], secrets.Box(HERE, lambda: cut))


def test_a_forged_computation_computes_nothing_else(box: secrets.Box) -> None:
    for call in ("os.system", "__class__", "", None):
        forged = {secrets.COMPUTED: {"call": call, "arguments": ["x"]}}
        with pytest.raises(secrets.ComputationError, match="there is no function"):
            secrets.unseal(forged, box)
    no_call = {secrets.COMPUTED: ["x"]}
    assert not secrets.is_sealed(no_call)
    assert secrets.unseal(no_call, box) == no_call


def test_a_public_key_travels_as_text(ring: KeyRing) -> None:
    assert PublicKey.of(ring.sealing.text()) == ring.sealing
    for text in ("", "x", "AAAA", "ä"):
        with pytest.raises(secrets.SealError, match="public key"):
            PublicKey.of(text)


def test_importing_it_loads_no_cryptography() -> None:
    program = "import sys, wfbreak.secrets; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# What lies in a key manager

IDENT = "5956de4f-7d2b-41b2-b6a2-3da4af74a7e5"


def fetching(ring: KeyRing, payload: str, asked: list[str]) -> secrets.Box:
    def fetch(ident: str) -> str:
        asked.append(ident)
        return payload

    return secrets.Box(HERE, lambda: ring, fetch)


def test_a_reference_becomes_what_is_fetched(ring: KeyRing) -> None:
    asked: list[str] = []
    box = fetching(ring, "hunter2", asked)
    reference = secrets.refer(IDENT, ring.sealing, HERE)
    assert secrets.is_sealed(reference)
    assert secrets.mask({"a": reference}) == {"a": "******"}
    assert IDENT not in json.dumps(reference)
    later = secrets.later("list_join", ["-", ["pw", reference]])
    opened, texts = secrets.unseal_deep({"a": reference, "b": later}, box)
    assert opened == {"a": "hunter2", "b": "pw-hunter2"}
    assert set(asked) == {IDENT}
    closed = secrets.reseal_deep({"c": "has pw-hunter2", "d": "x"}, texts, box)
    assert secrets.mask(closed) == {"c": "******", "d": "x"}
    # What was made of it is a value now: nothing is fetched for it.
    asked.clear()
    assert secrets.unseal(closed, box) == {"c": "has pw-hunter2", "d": "x"}
    assert asked == []


def test_what_goes_wrong_with_it_shows_nothing_of_it(ring: KeyRing) -> None:
    box = fetching(ring, "hunter2", [])
    reference = secrets.refer(IDENT, ring.sealing, HERE)
    wrong = secrets.positioned(secrets.later("digest", [reference, "x"]), "t.yaml:4:5")
    with pytest.raises(secrets.ComputationError, match=r"t.yaml:4:5: .*algorithm '\*{6}'"):
        secrets.unseal(wrong, box)
    declared = {"type": "string", "constraints": [{"length": {"min": 12}}]}
    short = secrets.later("parameter", ["p", declared, reference, False])
    with pytest.raises(secrets.ComputationError, match=r"p: the given value \(hidden\)"):
        secrets.unseal(short, box)
    number = secrets.later("parameter", ["p", {"type": "number"}, reference, False])
    with pytest.raises(secrets.ComputationError, match="must be a number, not the given value"):
        secrets.unseal(number, box)


def test_it_is_known_without_a_key(box: secrets.Box, ring: KeyRing) -> None:
    reference = secrets.refer(IDENT, ring.sealing, HERE)
    assert secrets.holds_reference({"a": [secrets.later("digest", ["md5", reference])]})
    assert not secrets.holds_reference({"a": [secrets.later("digest", ["md5", box.seal("x")])]})
    assert not secrets.holds_reference({secrets.SEALED: "what is none"})


def test_it_is_fetched_only_where_that_can_be_and_is_meant(box: secrets.Box, ring: KeyRing) -> None:
    reference = secrets.refer(IDENT, ring.sealing, HERE)
    with pytest.raises(secrets.SealError, match=f"the secret {IDENT} lies in the cloud's key man"):
        secrets.unseal(reference, box)
    asked: list[str] = []
    able = fetching(ring, "hunter2", asked)
    elsewhere = secrets.refer(IDENT, ring.sealing, secrets.Place("execution-2"))
    with pytest.raises(secrets.SealError, match="execution-2 is not opened in"):
        secrets.unseal(elsewhere, able)
    # A value that looks like an id is none, and cannot be made one.
    header, _, data = box.seal(IDENT)[secrets.SEALED].partition(".")
    said = json.loads(base64.urlsafe_b64decode(header + "=="))
    said["v"] = 2
    text = json.dumps(said, separators=(",", ":")).encode()
    forged = base64.urlsafe_b64encode(text).decode().rstrip("=")
    with pytest.raises(secrets.SealError, match="it has been changed"):
        secrets.unseal({secrets.SEALED: f"{forged}.{data}"}, able)
    assert secrets.unseal(box.seal(IDENT), able) == IDENT
    assert asked == []


@pytest.mark.parametrize(
    ("kind", "payload", "value"),
    [
        ("string", "5", "5"),
        ("number", "5", 5),
        ("json", '{"a": [1]}', {"a": [1]}),
        ("comma_delimited_list", "a,b", ["a", "b"]),
        ("boolean", "yes", True),
    ],
)
def test_what_is_fetched_has_the_parameters_type(
    ring: KeyRing, kind: str, payload: str, value: Any
) -> None:
    reference = secrets.refer(IDENT, ring.sealing, HERE)
    later = secrets.later("parameter", ["p", {"type": kind}, reference, False])
    assert secrets.unseal(later, fetching(ring, payload, [])) == value
