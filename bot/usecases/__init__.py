"""What the application does: one module per thing, sync, a unit of work each."""
