"""Which engine a command talks to.

An address without Keystone (``--mistral-url``), a cloud of ``clouds.yaml`` or the ``OS_*``
variables, else the embedded engine: one that another process has up on the same folder, or one
that lives as long as the command. What follows is the same code for all of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfbreak.engine.client import EngineClient, EngineUnreachable
from wfbreak.engine.embedded import EmbeddedEngine, EngineBusy, running
from wfbreak.keys import KEY_FILE_VARIABLE

_PATIENCE = 15.0
"""Seconds to wait for an engine that another process is starting or stopping."""

_TIMEOUT = 60.0
"""Seconds to wait for an answer; a server that validates takes long over a large workflow."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """What a person said about the engine: options first, then the environment's variables."""

    mistral_url: str | None = None
    cloud: str | None = None
    state: Path | None = None

    @classmethod
    def of(
        cls,
        environ: Mapping[str, str],
        mistral_url: str | None = None,
        cloud: str | None = None,
        state: str | None = None,
    ) -> EngineOptions:
        """The options, completed from ``WFBREAK_MISTRAL_URL``, ``OS_CLOUD`` and ``WFBREAK_STATE``.

        ``--state`` says that the embedded engine is meant, whatever the variables say.
        """
        if state or mistral_url or cloud:
            return cls(mistral_url, cloud, Path(state) if state else None)
        folder = environ.get("WFBREAK_STATE")
        return cls(
            environ.get("WFBREAK_MISTRAL_URL"),
            environ.get("OS_CLOUD"),
            Path(folder) if folder else None,
        )

    @property
    def is_embedded(self) -> bool:
        if self.state is not None:
            return True
        return not (self.mistral_url or self.cloud or os.environ.get("OS_AUTH_URL"))

    @property
    def is_cloud(self) -> bool:
        """Whether it is a cloud's own engine, which knows who asks."""
        return not self.is_embedded and not (self.mistral_url and not self.cloud)

    @property
    def folder(self) -> Path:
        """Where the embedded engine keeps its state."""
        if self.state is not None:
            return self.state
        import platformdirs

        return Path(platformdirs.user_data_dir("wfbreak"))


@contextmanager
def connect(options: EngineOptions) -> Iterator[EngineClient]:
    """A client of the engine that is meant; an embedded one ends with the block.

    :raises EngineUnreachable: if the cloud's configuration leads to no Mistral.
    :raises EngineUnavailable: if the embedded engine cannot be started.
    """
    if not options.is_embedded:
        yield _remote(options)
        return
    # Its keys are those of whoever uses it, who may open what it has sealed.
    os.environ.setdefault(KEY_FILE_VARIABLE, str(options.folder / "seal.key"))
    url, engine = _embedded(options.folder)
    try:
        yield EngineClient(url, _session(url))
    finally:
        if engine is not None:
            engine.stop()


def _embedded(folder: Path) -> tuple[str, EmbeddedEngine | None]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        found = running(folder)
        if found is not None:
            return found.url, None
        engine = EmbeddedEngine(folder)
        try:
            engine.start()
        except EngineBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
            continue
        return engine.url, engine


def _session(url: str) -> Any:
    """A session without Keystone; ``OS_TOKEN`` is sent along if it is set."""
    from keystoneauth1 import session, token_endpoint

    token = os.environ.get("OS_TOKEN")
    auth = token_endpoint.Token(url, token) if token else without_token(url)
    return session.Session(auth=auth, timeout=_TIMEOUT)


def without_token(url: str) -> Any:
    """What a session with a Mistral without Keystone takes. (keystoneauth's own plugin sends the
    word "notused" as a token, which actions would take to be the caller's.)"""
    from keystoneauth1 import noauth

    class WithoutToken(noauth.NoAuth):  # type: ignore[misc]  # the library has no types
        def get_headers(self, session: Any, **_: Any) -> dict[str, str]:  # noqa: ARG002
            return {}

    return WithoutToken(endpoint=url)


def _remote(options: EngineOptions) -> EngineClient:
    if options.mistral_url and not options.cloud:
        url = options.mistral_url.rstrip("/")
        url = url if url.endswith("/v2") else f"{url}/v2"
        return EngineClient(url, _session(url))
    import openstack
    from keystoneauth1 import exceptions
    from openstack import exceptions as sdk

    try:
        region = openstack.config.OpenStackConfig().get_one(cloud=options.cloud)
        session = region.get_session()
        session.timeout = _TIMEOUT
        url = options.mistral_url or session.get_endpoint(
            service_type="workflowv2",
            region_name=region.get_region_name(),
            interface=region.get_interface("workflowv2"),
        )
    except (sdk.SDKException, exceptions.ClientException) as error:
        raise EngineUnreachable(
            f"the cloud {options.cloud or '(of OS_*)'} cannot be used: {error}"
        ) from None
    if not url:
        raise EngineUnreachable(
            f"the cloud {options.cloud or '(of OS_*)'} has no Mistral in its catalogue: "
            "name its address with --mistral-url"
        )
    return EngineClient(url, session)
