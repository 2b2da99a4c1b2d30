"""The routes, one module for each kind of resource."""

from __future__ import annotations

from qa.api.routes import (
    chat,
    collections,
    config,
    conversations,
    documents,
    feedback,
    health,
    jobs,
    mcp,
    metrics,
    openai,
    page,
    pages,
)

PUBLIC = (page.router, config.public, health.router)
"""Routes that never require an API key."""
ROUTERS = (
    chat.router,
    conversations.router,
    feedback.router,
    pages.router,  # before documents.router, whose names may have any path
    documents.router,
    documents.change,  # before those whose path takes all that follows
    documents.whole,
    documents.manage,
    jobs.router,
    collections.router,
    collections.manage,
    config.router,
    openai.router,
    mcp.router,
    metrics.router,
)
