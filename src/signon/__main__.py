"""`signon` and `python -m signon`.

Exit status: 0 done; 1 refused or failed, with one line on stderr; 2 wrong usage.
"""

import sys

from signon.errors import SignonError


def main() -> None:
    """Run the command line."""
    from signon.cli.program import program

    try:
        program()
    except SignonError as error:
        print(f"signon: {error.told}", file=sys.stderr)  # noqa: T201 - the one line
        sys.exit(1)


if __name__ == "__main__":
    main()
