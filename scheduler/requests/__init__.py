"""What people ask for: swaps, shifts given away, leave, overtime; judged by rules and cover of both days."""
