"""The routes, one module for each kind of resource."""

from __future__ import annotations

from qa.api.routes import (
    chat,
    config,
    conversations,
    documents,
    feedback,
    health,
    mcp,
    metrics,
    openai,
    openai_embeddings,
    openai_responses,
    openai_stores,
    page,
)

PUBLIC = (page.router, config.public, health.router)
"""Routes that never require an API key."""
ROUTERS = (
    chat.router,
    conversations.router,
    feedback.router,
    documents.router,
    config.router,
    openai.router,
    openai_embeddings.router,
    openai_responses.router,
    openai_stores.router,
    mcp.router,
    metrics.router,
)
