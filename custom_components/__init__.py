"""Holds the integration."""
