"""Key figures of a team: what each means, how it is computed from plain rows, and the goals set for it."""
