from cases.models.access import (
    CaseGroupAccess,
    CaseOpening,
    CaseUserAccess,
    Recusal,
    RecusalEnd,
)
from cases.models.bases import HoldBasis, RestoreBasis
from cases.models.cases import Case, CaseDesignation, CaseIncident, CaseMatch, CaseProfile
from cases.models.decisions import Approval, Decision, DecisionHold, DecisionParticipant
from cases.models.evidence import CustodyEntry, Evidence
from cases.models.notes import Note
from cases.models.policies import Policy
from cases.models.reports import ReportedProfile

__all__ = [
    "Approval",
    "Case",
    "CaseDesignation",
    "CaseGroupAccess",
    "CaseIncident",
    "CaseMatch",
    "CaseOpening",
    "CaseProfile",
    "CaseUserAccess",
    "CustodyEntry",
    "Decision",
    "DecisionHold",
    "DecisionParticipant",
    "Evidence",
    "HoldBasis",
    "Note",
    "Policy",
    "Recusal",
    "RecusalEnd",
    "ReportedProfile",
    "RestoreBasis",
]
