"""Import, list, show, check and resample bars."""
