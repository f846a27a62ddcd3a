"""The database: the only hand-off between stages, and the only place that knows SQLAlchemy."""
