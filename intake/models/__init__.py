from intake.models.attachments import Attachment
from intake.models.grants import ReportGrant
from intake.models.keys import KeyEpoch, KeyWrap
from intake.models.legal_holds import LegalHold
from intake.models.partners import PartnerCode, PartnerOrganisation
from intake.models.reports import Message, Report
from intake.models.vault import CustodianKey, Identity, IdentityRequest, IdentityShare
from intake.models.zone import AttemptCount, SpentChallenge, ZoneSession

__all__ = [
    "Attachment",
    "AttemptCount",
    "CustodianKey",
    "Identity",
    "IdentityRequest",
    "IdentityShare",
    "KeyEpoch",
    "KeyWrap",
    "LegalHold",
    "Message",
    "PartnerCode",
    "PartnerOrganisation",
    "Report",
    "ReportGrant",
    "SpentChallenge",
    "ZoneSession",
]
