"""New phrases become a model: trained, held against the gates, loaded into the running Rasa. And back again.

    publish(home, by="Ana Ruiz", tell=print)
    rollback(home, by="Ana Ruiz")

The model in use stays in use until another one has passed, and conversations go on through the change.
"""

from prp_guide.publishing.publish import Pending, earlier, pending, publish, rollback
from prp_guide.publishing.state import State, read_state

__all__ = ["Pending", "State", "earlier", "pending", "publish", "read_state", "rollback"]
