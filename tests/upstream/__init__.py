"""Runs cloudpickle's public test suite from a checkout, with and without our pickler."""
