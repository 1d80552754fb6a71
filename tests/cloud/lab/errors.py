"""What the cloud says when it cannot be had."""

from __future__ import annotations


class LabError(Exception):
    """Something did not come up; the text says what, and the end of its log."""
