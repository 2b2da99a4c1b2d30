"""The HTTP API: ``create_app`` in ``qa.api.app``, and ``serve`` in ``qa.api.server``."""
