"""What the service does by itself or was asked to do: list, watch, run, cancel, retry."""
