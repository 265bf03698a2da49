"""Pictures of pages beside those that were agreed on: what nobody meant to change shows.

The browser itself scales and compares; dates, codes and a smoother edge are within the tolerance.
"""

from base64 import b64decode, b64encode
from pathlib import Path

from playwright.sync_api import Page

AGREED = Path(__file__).parent / "agreed"
"""A small picture for each state that is compared."""
STATES = (
    "login_of_a_stranger",
    "login_with_nothing_typed",
    "login_at_a_court_that_is_not_live",
    "sign_out_question",
    "signed_out",
    "provider_front",
    "provider_help",
    "consent",
    "journey_that_is_over",
    "home_of_a_filer",
    "account_of_a_filer",
    "registering",
    "forgot_username_with_nothing_typed",
    "linking_with_nothing_typed",
    "whose_login",
    "upgrade_person",
    "some_courts",
    "second_factor_due",
    "registrations_at_a_court",
    "console_overview",
)
TOLERATED = 0.03
"""The share of a picture that may differ."""
SMALL = """async picture => {
    const image = new Image()
    image.src = "data:image/png;base64," + picture
    await image.decode()
    const canvas = document.createElement("canvas")
    canvas.width = 320
    canvas.height = 200
    const context = canvas.getContext("2d")
    context.imageSmoothingQuality = "high"
    context.drawImage(image, 0, 0, canvas.width, canvas.height)
    return canvas.toDataURL("image/png").split(",")[1]
}"""
DIFFERENCE = """async pictures => {
    const [one, other] = await Promise.all(pictures.map(async picture => {
        const image = new Image()
        image.src = "data:image/png;base64," + picture
        await image.decode()
        const canvas = document.createElement("canvas")
        canvas.width = image.width
        canvas.height = image.height
        const context = canvas.getContext("2d")
        context.drawImage(image, 0, 0)
        return context.getImageData(0, 0, image.width, image.height).data
    }))
    let differing = 0
    for (let at = 0; at < one.length; at += 4)
        if ([0, 1, 2].some(colour => Math.abs(one[at + colour] - other[at + colour]) > 32))
            differing++
    return 4 * differing / one.length
}"""


def agree(workshop: Page, state: str, picture: bytes) -> None:
    """Let this be what the state looks like from now on."""
    AGREED.mkdir(exist_ok=True)
    _file(state).write_bytes(b64decode(_small(workshop, picture)))


def differs(workshop: Page, state: str, picture: bytes) -> str | None:
    """What is wrong with a picture of 1280 by 800 pixels; None: it is as agreed."""
    if not _file(state).exists():
        return "nothing was agreed on: make look ACCEPT=1"
    agreed = b64encode(_file(state).read_bytes()).decode()
    share: float = workshop.evaluate(DIFFERENCE, [_small(workshop, picture), agreed])
    return f"{share:.0%} look otherwise than agreed" if share > TOLERATED else None


def _small(workshop: Page, picture: bytes) -> str:
    small: str = workshop.evaluate(SMALL, b64encode(picture).decode())
    return small


def _file(state: str) -> Path:
    return AGREED / f"{state}.png"
