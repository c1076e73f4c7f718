"""What is kept as it was: bundles, backup, and the proof that nothing was touched."""
