"""The record of issued signals."""
