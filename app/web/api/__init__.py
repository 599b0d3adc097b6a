"""The JSON API under /api/v1: the same use cases as the pages, as marshmallow schemas."""
