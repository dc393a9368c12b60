"""What the front desk's pages work with."""

from __future__ import annotations

from typing import Any, Protocol

import sqlalchemy as sa
from starlette.requests import Request

from prp_guide.clinic import Clinic
from prp_guide.frontdesk.attendance import Attendance
from prp_guide.frontdesk.callbacks import CallbackStore
from prp_guide.frontdesk.hours import OpeningHours
from prp_guide.frontdesk.inbox import Inbox
from prp_guide.frontdesk.outbox import Outbox
from prp_guide.home import Home


class DeskServices(Protocol):
    """What the front desk's pages take from `app.state.services`."""

    @property
    def home(self) -> Home: ...
    @property
    def clinic(self) -> Clinic: ...
    @property
    def library(self) -> Any: ...
    @property
    def durable(self) -> sa.engine.Engine: ...
    @property
    def callbacks(self) -> CallbackStore: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def hours(self) -> OpeningHours: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def attendance(self) -> Attendance: ...


def services(request: Request) -> DeskServices:
    """The services of the app that `request` came to."""
    found: DeskServices = request.app.state.services
    return found
