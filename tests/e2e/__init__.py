"""Tests that drive real programs."""
