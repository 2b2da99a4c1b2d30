"""The routes, one module for each kind of resource."""

from __future__ import annotations

from qa.api.routes import chat, config, conversations, documents, feedback, health, jobs, mcp, metrics, openai, page

PUBLIC = (page.router, config.public, health.router)
"""Routes that never require an API key."""
ROUTERS = (
    chat.router,
    conversations.router,
    feedback.router,
    documents.router,
    jobs.router,
    config.router,
    openai.router,
    mcp.router,
    metrics.router,
)
