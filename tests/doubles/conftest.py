"""The scripts in `clients` run under another Python, which has the providers' own libraries."""

collect_ignore = ["clients"]
