"""PRIME and its three primitives."""
