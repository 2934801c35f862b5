"""Test the simulated screens."""
