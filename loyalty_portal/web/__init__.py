"""What every door shares."""
