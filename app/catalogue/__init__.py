"""Reads, cross-checks and publishes bundles: diagrams, forms, documents."""
