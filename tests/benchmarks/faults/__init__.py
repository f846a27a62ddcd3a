"""Is any message lost or said twice, whatever fails?  ``python -m tests.benchmarks.faults``."""
