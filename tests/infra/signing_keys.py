"""Signing keys made once for a whole run: an RSA key of 3072 bits takes half a second."""

from collections import defaultdict

from signon.tokens import stored_keys
from signon.tokens.stored_keys import AsymmetricKey

_MADE: dict[str, list[AsymmetricKey]] = defaultdict(list)


class KeysOfTheRun:
    """A `rotation.Generator` for one database: never the same key twice, but the same ones
    for every instance.
    """

    def __init__(self) -> None:
        self._used: dict[str, int] = defaultdict(int)

    def __call__(self, alg: str) -> AsymmetricKey:
        """The next key of an algorithm that this instance has not given out yet."""
        number = self._used[alg]
        self._used[alg] += 1
        if number == len(_MADE[alg]):
            _MADE[alg].append(stored_keys.generate(alg))
        return _MADE[alg][number]
