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
    keys,
    mcp,
    metrics,
    openai,
    openai_embeddings,
    openai_responses,
    openai_stores,
    page,
    pages,
)

PUBLIC = (page.router, config.public, health.router)
"""Routes that never require an API key."""
ROUTERS = (
    chat.router,
    conversations.router,
    keys.router,
    feedback.router,
    pages.router,  # before documents.router, whose names may have any path
    documents.router,
    documents.manage,  # before those whose path takes all that follows
    documents.whole,
    jobs.router,
    collections.router,
    collections.manage,
    config.router,
    openai.router,
    openai_embeddings.router,
    openai_responses.router,
    openai_stores.router,
    openai_stores.whole,
    mcp.router,
    metrics.router,
)
