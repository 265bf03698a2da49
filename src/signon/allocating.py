"""What the C library keeps of the memory that was given back to it, where it is glibc.

It keeps an arena for each thread, and in it up to 38 MiB after Argon2 had 19: that is quicker for
the next hash by a quarter, and useless once nobody signs in.
"""

import ctypes

ARENAS = 2
"""The loop's thread, which takes nearly all, seldom waits for another one of them."""
_M_ARENA_MAX = -8

_C = ctypes.CDLL(None)


def share_arenas() -> None:
    """From now on no thread gets an arena of its own."""
    if hasattr(_C, "mallopt"):
        _C.mallopt(_M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Give whole free pages back to the system. It takes milliseconds and may run in any thread."""
    if hasattr(_C, "malloc_trim"):
        _C.malloc_trim(0)
