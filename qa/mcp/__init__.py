"""The Model Context Protocol: the library's tools and resources, for agents and assistants.

Nothing here is imported before an MCP client asks: the ``mcp`` package takes longer to load than the service.
"""
