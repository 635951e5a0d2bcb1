"""`python -m assay` and the `assay` command."""

from assay.app import main

if __name__ == "__main__":
    main()
