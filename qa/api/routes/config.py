"""GET /config, GET /access, GET /suggestions and GET /openapi.json: what the page and API viewers read first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from qa.api.access import AskRoute, caller_of, corpus_of, suggestions_of
from qa.api.examples import CONFIG, SUGGESTIONS
from qa.api.schema import error_responses
from qa.api.schema_chats import TITLE_CHARS
from qa.api.service import service_of
from qa.sessions.access import Role
from qa.sessions.feedback import COMMENT_CHARS
from qa.settings import Settings
from qa.version import version
from vectorstore.reading.limits import MEGABYTE
from vectorstore.reading.registry import READERS
from vectorstore.text.language import Language

router = APIRouter(route_class=AskRoute, tags=["page"], responses=error_responses(401, 403))
public = APIRouter(tags=["page"])


class Limits(BaseModel):
    question_chars: int
    title_chars: int = TITLE_CHARS
    comment_chars: int = COMMENT_CHARS
    messages: int = Field(description="Messages kept in one conversation.")


class Uploads(BaseModel):
    """What `POST /documents` takes."""

    file_bytes: int = Field(description="Largest file.")
    request_bytes: int = Field(description="Largest request.")
    files: int = Field(description="Files of one request.")
    suffixes: list[str] = Field(description="Of files that can be read, in lower case, with the dot.")

    @classmethod
    def of(cls, settings: Settings) -> Uploads:
        return cls(
            file_bytes=settings.read_file_mb * MEGABYTE,
            request_bytes=settings.upload_mb * MEGABYTE,
            files=settings.upload_files,
            suffixes=[
                suffix
                for reader in READERS
                if settings.reads_pictures or not reader.needs_ocr
                for suffix in reader.suffixes
            ],
        )


class Config(BaseModel):
    """Settings that the page needs before its first question."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONFIG]})

    name: str = "report-qa"
    version: str
    ready: bool = Field(description="Whether questions can be asked yet.")
    answerer: str | None = Field(description='"extractive" or "model"; null until it is ready.')
    requires_key: bool = Field(description="Whether requests must carry `Authorization: Bearer KEY`.")
    limits: Limits
    uploads: Uploads


class SuggestedQuestion(BaseModel):
    question: str
    document: str = Field(description="The document's name.")


class SuggestionList(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [SUGGESTIONS]})

    questions: list[SuggestedQuestion] = Field(
        description="Empty while they are being prepared, and when there are none."
    )


@public.get("/config", response_model=Config)
async def config(request: Request) -> Config:
    """Return the settings that the page needs; requires no key."""
    service = service_of(request)
    return Config(
        version=version(),
        ready=service.is_ready,
        answerer=service.chat.qa.answerer.name if service.is_ready else None,
        requires_key=service.requires_key,
        limits=Limits(question_chars=service.settings.question_chars, messages=service.settings.history_limit),
        uploads=Uploads.of(service.settings),
    )


class Access(BaseModel):
    """What the caller may do."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"roles": ["ask", "download"], "whole_library": True}]})

    roles: list[Role]
    whole_library: bool = Field(
        description="Whether the key is limited to no collection: only such a one adds and removes collections, and "
        "follows folders, with the role `manage`."
    )


@router.get("/access", response_model=Access, responses=error_responses(500, 503))
def access(request: Request) -> Access:
    """Return what the caller may do; without keys, everything."""
    caller = caller_of(request)
    return Access(roles=sorted(caller.roles), whole_library=caller.scope is None)


@router.get("/suggestions", response_model=SuggestionList, responses=error_responses(404, 422, 500, 503))
def suggestions(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=20)] = 4,
    documents: Annotated[
        list[str] | None, Query(max_length=100, description="Names or ids; all when left out.")
    ] = None,
    language: Annotated[
        Language | None, Query(description="Of the reader; when left out, that of each document.")
    ] = None,
) -> SuggestionList:
    """Return questions that the library answers; each has been tried."""
    corpus = corpus_of(request)
    wanted = None if documents is None else [corpus.document_info(name).id for name in documents]
    found = suggestions_of(request).get(limit, wanted, language)
    return SuggestionList(
        questions=[SuggestedQuestion(question=item.question, document=item.document) for item in found]
    )


@router.get("/openapi.json", include_in_schema=False)
def openapi(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(request.app.openapi())
