"""The real programs around a fleet, on loopback: for the demo, the end-to-end tests and benchmarks."""
