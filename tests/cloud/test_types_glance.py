"""An image that Glance fetches from the web, beside Heat's."""

from __future__ import annotations

import functools
import http.server
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.twins import Twins, run_on_engine


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Glance's requests are no news."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an image is in the web."""
    folder: Path = tmp_path_factory.mktemp("web")
    (folder / "disk.raw").write_bytes(bytes(1024))
    serve = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/disk.raw"
        server.shutdown()


IMAGES = """
plain:
  type: OS::Glance::WebImage
  properties: {container_format: bare, disk_format: raw, location: "WEB"}
full:
  type: OS::Glance::WebImage
  properties:
    name: twin-image
    container_format: bare
    disk_format: raw
    location: "WEB"
    architecture: x86_64
    os_distro: debian
    os_version: "12"
    min_disk: 1
    min_ram: 64
    protected: false
    visibility: private
    tags: [twins, image]
idle:
  type: OS::Glance::WebImage
  properties: {container_format: bare, disk_format: raw, location: "WEB", active: false}
"""


def test_images_from_the_web(admin: Any, web: str) -> None:
    Twins(admin).check(IMAGES.replace("WEB", web))


def test_properties_of_ones_own(admin: Any, web: str) -> None:
    """Not beside Heat: it sets them while Glance's download goes on, which may undo them."""
    image = {"container_format": "bare", "disk_format": "raw", "location": web}
    image["extra_properties"] = {"hw_disk_bus": "virtio"}
    template = {
        "heat_template_version": "2021-04-16",
        "resources": {"image": {"type": "OS::Glance::WebImage", "properties": image}},
        "outputs": {"bus": {"value": {"get_attr": ["image", "show", "hw_disk_bus"]}}},
    }
    made, error, values = run_on_engine(admin, template, f"own-{uuid.uuid4().hex[:6]}")
    try:
        assert error is None, error
        assert values == {"bus": "virtio"}
    finally:
        Twins(admin).delete(made)
