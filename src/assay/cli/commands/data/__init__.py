"""Fetch, import, correct, list, show, check and resample bars."""
