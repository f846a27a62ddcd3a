"""One module per rule that couples shifts; each adds its part to a RosterModel."""
