"""A page's form: what was typed, what is wrong with it field by field, and the model when nothing is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData, UploadFile

from nanococoa_backend.errors import InvalidField
from nanococoa_backend.platform.locale import locale_of
from nanococoa_backend.platform.problems import invalid_fields

Model = TypeVar("Model", bound=BaseModel)

SECRET = ("password", "current", "token", "csrf")
"""Fields that are never sent back into a page."""


class FileOnly(BaseModel):
    """A form with a file and nothing else."""


@dataclass(slots=True)
class Form(Generic[Model]):
    """``values`` as typed, for showing the form again (of a field sent more than once the last one; ``lists`` has all);
    ``errors`` by field, in the request's language.
    """

    request: Request
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    given: Model | None = None

    @property
    def model(self) -> Model:
        """What was typed, checked. Raises InvalidField when something is wrong with it."""
        if self.given is None:
            raise InvalidField(**dict.fromkeys(self.errors, "invalid"))
        return self.given

    def refuse(self, error: InvalidField) -> None:
        """Take over what a service said of some fields."""
        self.errors |= error.sentences(locale_of(self.request))


def form_of(model: type[Model]) -> Callable[[Request], Awaitable[Form[Model]]]:
    """A dependency that reads a form as ``model``; uploads are read into ``files``."""

    async def read(request: Request) -> Form[Model]:
        data = await request.form()
        texts = {name: value for name, value in data.items() if isinstance(value, str)}
        files = {
            name: await value.read() for name, value in data.items() if isinstance(value, UploadFile) and value.filename
        }
        shown = {name: value for name, value in texts.items() if not name.startswith(SECRET)}
        lists = _lists(data)
        form: Form[Model] = Form(request, shown, lists=lists, files=files)
        try:
            form.given = model.model_validate(
                texts | {name: values for name, values in lists.items() if len(values) > 1}
            )
        except ValidationError as error:
            form.refuse(invalid_fields(error.errors(include_url=False, include_input=False)))
        return form

    return read


def _lists(data: FormData) -> dict[str, list[str]]:
    """Every value of every field: boxes that are ticked share a name."""
    return {name: [value for value in data.getlist(name) if isinstance(value, str)] for name in data}


def empty(request: Request, **values: str) -> Form[Any]:
    """A form nobody has filled in yet, with ``values`` to begin with."""
    return Form(request, values)
