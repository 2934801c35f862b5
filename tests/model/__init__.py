"""The model's tests: no Home Assistant, no network, no clock."""
