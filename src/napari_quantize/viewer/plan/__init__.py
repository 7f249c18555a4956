"""Turn what the fields say into a plan for a run."""
