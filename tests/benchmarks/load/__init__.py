"""How fast is the service, and what does a million open cases cost?  ``python -m tests.benchmarks.load``."""
