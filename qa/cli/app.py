"""The commands and their options; each one's work is in its own module, imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from qa.cli.failure import State, clean_up_at_sigterm


class EvalGroup(TyperGroup):
    """``qa eval``: the evaluation's own commands, loaded when they are asked for."""

    def invoke(self, ctx: Any) -> Any:
        ctx.ensure_object(State).status = 2  # 1 says that answers got worse
        clean_up_at_sigterm()
        return super().invoke(ctx)

    def list_commands(self, ctx: Any) -> list[str]:
        return self._harness().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return self._harness().get_command(ctx, cmd_name)

    def _harness(self) -> TyperGroup:
        from qa.cli import harness

        return typer.main.get_group(harness.commands().app)


app = typer.Typer(
    name="qa",
    help="Ask questions about reports; every sentence of an answer is cited to the exact characters of its source.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
documents_app = typer.Typer(help="See and remove what the library holds.", no_args_is_help=True)
models_app = typer.Typer(help="The models that this package carries.", no_args_is_help=True)
keys_app = typer.Typer(help="API keys, which a server asks for that others can reach.", no_args_is_help=True)
collections_app = typer.Typer(
    help="Collections of documents, which questions and API keys can be limited to.", no_args_is_help=True
)
app.add_typer(documents_app, name="documents")
app.add_typer(collections_app, name="collections")
app.add_typer(models_app, name="models")
app.add_typer(keys_app, name="keys")
app.add_typer(
    typer.Typer(cls=EvalGroup, help="Question sets, runs, scores and the gate.", no_args_is_help=True), name="eval"
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for a program to read.")]
Documents = Annotated[
    list[str] | None,
    typer.Option("--documents", "-d", help="Look only in this document (name or id); may be repeated.", metavar="NAME"),
]
Collections = Annotated[
    list[str] | None,
    typer.Option("--collection", help="Look only in this collection (name or id); may be repeated.", metavar="NAME"),
]


def _version(wanted: bool) -> None:
    if wanted:
        from qa.version import version

        typer.echo(f"report-qa {version()}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    _state(ctx).debug = debug


def _state(ctx: typer.Context, json: bool = False) -> State:
    state = ctx.ensure_object(State)
    state.json = state.json or json
    return state


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve at; QA_HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve at; QA_PORT, else 8000.")] = None,
    seeds: Annotated[
        Path | None, typer.Option(help="Documents to take in first, if the library is empty.", metavar="PATH")
    ] = None,
) -> None:
    """Serve the page and the HTTP API."""
    from qa.cli.serve import serve

    serve(host, port, seeds)


@app.command()
def ask(
    ctx: typer.Context,
    question: Annotated[str, typer.Argument(help='The question; "-" reads it from standard input.')],
    documents: Documents = None,
    collections: Collections = None,
    conversation: Annotated[
        str | None, typer.Option("--conversation", "-c", help="Follow up in this conversation (id).", metavar="ID")
    ] = None,
    json: Json = False,
) -> None:
    """Ask one question. Exit status: 0 answered, 3 the reports don't say, 1 an error, 2 wrong usage."""
    _state(ctx, json)
    from qa.cli.ask import ask

    raise typer.Exit(ask(question, conversation, documents, json, collections))


@app.command()
def chat(documents: Documents = None, collections: Collections = None) -> None:
    """Ask and follow up. /new starts over, /quit ends."""
    from qa.cli.chat import chat

    chat(documents, collections)


@app.command()
def ingest(
    ctx: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files (PDF, Office, HTML, text …) and folders.", metavar="PATH..."),
    ] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First cut and embed again what the library holds.")
    ] = False,
    password: Annotated[str | None, typer.Option("--password", help="Of encrypted files.")] = None,
    collections: Annotated[
        list[str] | None,
        typer.Option("--collection", help="Put them into this collection; may be repeated.", metavar="NAME"),
    ] = None,
    json: Json = False,
) -> None:
    """Add documents to the library; what it holds already costs nothing."""
    _state(ctx, json)
    if not paths and not rebuild:
        raise typer.BadParameter("name at least one file or directory", param_hint="PATH...")
    from qa.cli.ingest import ingest

    raise typer.Exit(ingest(paths or [], rebuild, json, password, collections))


@app.command()
def watch(folders: Annotated[list[Path], typer.Argument(help="Folders to follow.", metavar="DIR...")]) -> None:
    """Keep the library in step with folders: added, changed, moved and removed files follow, until Ctrl-C."""
    from qa.cli.watch import watch

    watch(folders)


@app.command()
def worker() -> None:
    """Work on changes of a library that several processes share (Postgres and a Chroma server), until Ctrl-C."""
    from qa.cli.worker import worker

    worker()


@app.command()
def mcp() -> None:
    """Serve the Model Context Protocol on standard input and output, for the program that starts this."""
    from qa.cli.mcp import mcp

    mcp()


@documents_app.command("list")
def documents_list(ctx: typer.Context, json: Json = False) -> None:
    """List the documents of the library."""
    _state(ctx, json)
    from qa.cli.documents import list_documents

    list_documents(json)


@documents_app.command("show")
def documents_show(
    ctx: typer.Context,
    document: Annotated[str, typer.Argument(help="Name or id.")],
    text: Annotated[bool, typer.Option("--text", help="Print the raw text and nothing else.")] = False,
    json: Json = False,
) -> None:
    """Show a document: its headings and passages, or its text."""
    _state(ctx, json)
    from qa.cli.documents import show_document

    show_document(document, text, json)


@documents_app.command("remove")
def documents_remove(
    ctx: typer.Context,
    documents: Annotated[list[str], typer.Argument(help="Names or ids.", metavar="DOCUMENT...")],
    json: Json = False,
) -> None:
    """Remove documents from the library."""
    _state(ctx, json)
    from qa.cli.documents import remove_documents

    remove_documents(documents, json)


@documents_app.command("put")
def documents_put(
    documents: Annotated[list[str], typer.Argument(help="Names or ids.", metavar="DOCUMENT...")],
    collections: Annotated[str, typer.Option("--collections", help="Names or ids, with commas.", metavar="A,B")],
) -> None:
    """Put documents into collections, and out of all others."""
    from qa.cli.collections import put

    put(documents, [name.strip() for name in collections.split(",") if name.strip()])


@collections_app.command("list")
def collections_list(ctx: typer.Context, json: Json = False) -> None:
    """List the collections."""
    _state(ctx, json)
    from qa.cli.collections import list_collections

    list_collections(json)


@collections_app.command("add")
def collections_add(name: Annotated[str, typer.Argument(help="No other collection's.")]) -> None:
    """Make an empty collection."""
    from qa.cli.collections import add

    add(name)


@collections_app.command("rename")
def collections_rename(
    collection: Annotated[str, typer.Argument(help="Its name or id.")], name: Annotated[str, typer.Argument()]
) -> None:
    """Give a collection another name; keys that may see it go on seeing it."""
    from qa.cli.collections import rename

    rename(collection, name)


@collections_app.command("remove")
def collections_remove(collection: Annotated[str, typer.Argument(help="Its name or id.")]) -> None:
    """Remove a collection; all its documents must be in others too."""
    from qa.cli.collections import remove

    remove(collection)


@models_app.command("export")
def models_export(
    directory: Annotated[Path, typer.Argument(help="An empty or new directory.", metavar="DIR")],
) -> None:
    """Write the bundled embedder as a sentence-transformers model."""
    from qa.cli.models import export

    export(directory)


@keys_app.command("add")
def keys_add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Whose key it is, for you.")],
    role: Annotated[
        str, typer.Option("--role", help="What it may do: ask, download (read documents whole), manage (change them).")
    ] = "ask,download",
    collections: Annotated[
        str | None, typer.Option("--collections", help="All that it may see; without this, everything.", metavar="A,B")
    ] = None,
    json: Json = False,
) -> None:
    """Make a key and print it, for the only time."""
    _state(ctx, json)
    from qa.cli.keys import add

    add(name, json, role, collections)


@keys_app.command("list")
def keys_list(ctx: typer.Context, json: Json = False) -> None:
    """List the keys; none can be read again."""
    _state(ctx, json)
    from qa.cli.keys import list_keys

    list_keys(json)


@keys_app.command("revoke")
def keys_revoke(
    ctx: typer.Context, key: Annotated[str, typer.Argument(help="Its id or name.")], json: Json = False
) -> None:
    """End a key at once."""
    _state(ctx, json)
    from qa.cli.keys import revoke

    revoke(key, json)


@keys_app.command("adopt")
def keys_adopt(
    ctx: typer.Context, key: Annotated[str, typer.Argument(help="Its id or name.")], json: Json = False
) -> None:
    """Give a key the conversations from before keys were required, which no key can read."""
    _state(ctx, json)
    from qa.cli.keys import adopt

    adopt(key, json)


@keys_app.command("forget")
def keys_forget(
    ctx: typer.Context, key: Annotated[str, typer.Argument(help="Its id or name.")], json: Json = False
) -> None:
    """Delete the conversations of a revoked key, which nobody can read any more."""
    _state(ctx, json)
    from qa.cli.keys import forget

    forget(key, json)


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file; it holds conversations and documents in clear.")],
    json: Json = False,
) -> None:
    """Write the library to a file: documents, vectors, conversations, feedback and keys. A server may run meanwhile."""
    _state(ctx, json)
    from qa.cli.backup import backup

    clean_up_at_sigterm()
    backup(file, json)


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="What `qa backup` wrote, on SQLite or on Postgres.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Even if the library holds something; that is lost.")
    ] = False,
    json: Json = False,
) -> None:
    """Put a backup in the place of the library, which QA_DATA_DIR and QA_DATABASE_URL name."""
    _state(ctx, json)
    from qa.cli.backup import restore

    clean_up_at_sigterm()
    restore(file, replace, json)


@app.command()
def doctor(ctx: typer.Context, json: Json = False) -> None:
    """Say what is configured and what will run, what the library holds, and what is wrong (exit status 1)."""
    _state(ctx, json)
    from qa.cli.doctor import doctor

    raise typer.Exit(doctor(json))
