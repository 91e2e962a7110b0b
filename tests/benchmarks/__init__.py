"""Measurements, each run by hand: `python -m tests.benchmarks.explain`. The tests run none of them."""
