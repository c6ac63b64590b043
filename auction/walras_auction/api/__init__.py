"""The house over HTTP: routes, problem documents, the event stream."""

from walras_auction.api.app import create_app
from walras_auction.api.house import ApiConfig, House

__all__ = ["ApiConfig", "House", "create_app"]
