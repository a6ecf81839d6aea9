"""Why an envelope is refused: a class for each reason. No message holds a key."""

from __future__ import annotations

from _pickle import UnpicklingError


class SealError(UnpicklingError):
    """An envelope is refused; its subclasses say why."""


class Unsigned(SealError):
    """It is no envelope at all."""


class Malformed(SealError):
    """It is damaged, cut off, or has something behind its end."""


class UnknownKey(SealError):
    """The verifier has no key of that id, or that key is for another algorithm."""


class BadSignature(SealError):
    """The signature, or a digest that it covers, is wrong."""


class WrongAudience(SealError):
    """It is for others, or for another purpose."""


class NotYetValid(SealError):
    """Its time has not come."""


class Expired(SealError):
    """Its time is over."""


class Replayed(SealError):
    """It has been accepted before."""


class StoreUnavailable(SealError):
    """Nobody can say whether it has been accepted before: the replay store fails."""


class Undecryptable(SealError):
    """It is encrypted to others, or is no age file."""
