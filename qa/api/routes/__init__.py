"""The routes, one module for each kind of resource."""

from __future__ import annotations

from qa.api.routes import chat, conversations, documents, health, page

ROUTERS = (chat.router, conversations.router, documents.router, health.router, page.router)
