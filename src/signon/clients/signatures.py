"""What verifies signatures that clients have made."""

from collections.abc import Sequence
from copy import copy

from joserfc import jws

_EDDSA = copy(jws.JWSRegistry.algorithms["EdDSA"])
# RFC 9864 calls it Ed25519, and the library warns of the old name, which FAPI 2.0 section 5.4 has
_EDDSA.security_warning = None


class ClientSignatures(jws.JWSRegistry):
    """The library's registry for some of the algorithms that clients may use."""

    algorithms = {**jws.JWSRegistry.algorithms, "EdDSA": _EDDSA}  # noqa: RUF012 - its base has it so

    def __init__(self, algorithms: Sequence[str], *, longest_header: int = 512) -> None:
        super().__init__(algorithms=algorithms, strict_check_header=False)
        self.max_header_length = longest_header
