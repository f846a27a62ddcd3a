"""The App Home: what its reader has to do now, by role, and a door to everything else."""
