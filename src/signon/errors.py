"""The error tree: what is raised when a rule says no.

    SignonError                 a sentence for people; a detail for the log only
    ├── SettingsError           the environment is wrong: the start stops
    ├── NotReadyError           the database is not migrated, keys are missing: the start stops
    ├── InputError              what was sent cannot be used; names the field where there is one
    ├── RefusedError            a rule says no; `reason` is stable and goes into the audit trail
    │   ├── NotFoundError       unknown and foreign things look the same
    │   └── WaitError           too many attempts; says how many seconds to wait
    ├── SignInFirstError        nobody is signed in (any more), or not well enough
    └── BusyError               over a limit for the moment; says when to try again

A unit of work that raises is rolled back; a rule that must leave a trace of its refusal raises
`unit.keep(RefusedError(…))` (`db.Unit.keep`).
"""

from signon.words.sentences import _, together


class SignonError(Exception):
    """Something that a person must be told in one sentence.

    `sentence` says what is wrong and how to mend it and holds no secret; `detail` goes to
    the log and never to the answer.
    """

    def __init__(self, sentence: str, *, detail: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail

    @property
    def told(self) -> str:
        """All that a person is told, where there is one place for it."""
        return self.sentence


class SettingsError(SignonError):
    """A setting is missing or wrong; nothing was started."""


class NotReadyError(SignonError):
    """The database or the keys are not in a state to serve from; nothing was started."""


class InputError(SignonError):
    """Input that cannot be used; nothing was changed."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class RefusedError(SignonError):
    """A rule refused; the unit of work was rolled back, unless it was told to keep its trace.

    `reason` is stable; `sentence` and `next_step` are for people.
    """

    def __init__(self, reason: str, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.reason = reason
        self.next_step = next_step

    @property
    def told(self) -> str:
        """Sentence and next step."""
        return together(self.sentence, self.next_step)


class NotFoundError(RefusedError):
    """There is no such thing, or none that the caller may know of."""

    def __init__(self, sentence: str) -> None:
        super().__init__("not_found", sentence)


class WaitError(RefusedError):
    """Not now: there were too many attempts, and this one was none; `seconds` are to be waited."""

    def __init__(
        self,
        seconds: int,
        *,
        reason: str = "too_many_attempts",
        sentence: str = _("There were several attempts that did not succeed."),
        next_step: str = _("Wait, then try again."),
    ) -> None:
        super().__init__(reason, sentence, next_step)
        self.seconds = seconds


class SignInFirstError(SignonError):
    """Nobody is signed in (any more); nothing was changed.

    `is_half`: one factor more is needed; `is_old`: the sign-in is too long ago for this.
    """

    def __init__(self, *, is_half: bool = False, is_old: bool = False) -> None:
        super().__init__(_("Your session has ended. Sign in again; nothing was changed."))
        self.is_half = is_half
        self.is_old = is_old


class BusyError(SignonError):
    """The server is at a limit; the same request may go through after `retry_after` seconds."""

    def __init__(self, sentence: str, *, retry_after: int, detail: str | None = None) -> None:
        super().__init__(sentence, detail=detail)
        self.retry_after = retry_after
