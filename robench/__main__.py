"""``python -m robench``: the same as the command ``robench``."""

from robench.cli import main

if __name__ == "__main__":
    main()
