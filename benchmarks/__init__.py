"""Measurements of speed, run by `make bench`: each `bench_*.py` is a program that prints its figures."""
