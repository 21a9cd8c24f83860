"""What custodians and requesters are refused, with the words that help."""

from accounts.refusals import Refusal


class CannotEnrol(Refusal):
    """A key that cannot be made: one waits already."""

    code = "custodian_cannot_enrol"


class WrongPassphrase(Refusal):
    """A vault passphrase that does not unlock the key."""

    code = "vault_wrong_passphrase"
    status = 403


class TooFewCustodians(Refusal):
    """Below three custodians, one that is lost would lose every identity."""

    code = "too_few_custodians"


class CannotReseal(Refusal):
    """A step of the ceremony that is not this person's, or not of now."""

    code = "custodian_cannot_reseal"


class CannotAsk(Refusal):
    """A request that cannot be made: one waits, nothing is there, or the reporter objected."""

    code = "identity_cannot_ask"


class CannotApprove(Refusal):
    """An approval too early, too late, twice, or by who must not give it."""

    code = "identity_cannot_approve"


class NotReleased(Refusal):
    """Nothing to see: two custodians have not agreed, or the time is over."""

    code = "identity_not_released"


class WrongWords(Refusal):
    """Words that do not unlock the release."""

    code = "identity_wrong_words"
    status = 403
