"""Which kind of answer a client would rather have (RFC 9110 section 12.5.1)."""

from collections.abc import Iterator, Sequence


def preferred(accept: str, offers: Sequence[str]) -> str | None:
    """The media type of `offers` that the `Accept` field value likes best, or None.

    Equal wishes go to the more specific range, then to the earlier offer: browsers name HTML,
    programs that name JSON beside ``*/*`` get JSON, and who says nothing gets the first.
    """
    ranges = dict(_ranges(accept)) or {"*/*": 1.0}
    best: tuple[float, int] = (0.0, 0)
    chosen = None
    for offer in offers:
        wish = _wish(offer, ranges)
        if wish[0] > 0 and wish > best:
            best, chosen = wish, offer
    return chosen


def _wish(offer: str, ranges: dict[str, float]) -> tuple[float, int]:
    """The quality of the most specific range that covers an offer, and how specific it is."""
    kind = offer.partition("/")[0]
    for specific, media_range in ((2, offer), (1, f"{kind}/*"), (0, "*/*")):
        if media_range in ranges:
            return ranges[media_range], specific
    return 0.0, 0


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if media_range:
            yield media_range, _quality(parameters)


def _quality(parameters: Sequence[str]) -> float:
    """The weight; one that cannot be read counts as none given."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 1.0
    return 1.0
