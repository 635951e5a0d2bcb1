"""Import, correct, list, show, check and resample bars."""
