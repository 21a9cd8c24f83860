"""Measurements that anybody can repeat: `python -m benchmarks`, or `make bench`.

Each measurement makes a database of its own beside the others, by the owner's role, and drops it at
the end. A figure stands beside its limit, or beside a peer that was measured in the same run.
"""
