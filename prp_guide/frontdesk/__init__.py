"""The front desk: callback requests, their drafts, the calendar of hours, and who may see the inbox."""

from prp_guide.frontdesk.attendance import Attendance
from prp_guide.frontdesk.callback import Callback, CallbackRequest
from prp_guide.frontdesk.callbacks import CallbackStore
from prp_guide.frontdesk.consent import CONSENT
from prp_guide.frontdesk.drafts import Draft, DraftStore
from prp_guide.frontdesk.export import export_callbacks, export_csv
from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.frontdesk.inbox import Inbox
from prp_guide.frontdesk.outbox import Outbox
from prp_guide.frontdesk.receipt import receipt

__all__ = [
    "CONSENT",
    "Attendance",
    "Callback",
    "CallbackRequest",
    "CallbackStore",
    "Draft",
    "DraftStore",
    "Inbox",
    "OpeningHours",
    "Outbox",
    "export_callbacks",
    "export_csv",
    "receipt",
]
