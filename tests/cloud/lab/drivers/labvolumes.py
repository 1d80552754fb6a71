"""Stands in for Cinder's storage: volumes that are there by name only."""

from __future__ import annotations

from cinder.tests.fake_driver import FakeLoggingVolumeDriver


class LabVolumes(FakeLoggingVolumeDriver):
    """Cinder's own fake, which can copy everything but images: that would take qemu-img."""

    def clone_image(self, context, volume, image_location, image_meta, image_service):
        return {}, True
