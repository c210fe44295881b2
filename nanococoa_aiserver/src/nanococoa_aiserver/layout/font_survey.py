"""Writes what ``fonts.survey`` finds as JSON: ``python -m nanococoa_aiserver.layout.font_survey``."""

from __future__ import annotations

import sys

from pydantic import TypeAdapter

from nanococoa_aiserver.layout.fonts import survey
from nanococoa_client.schemas import FontFamily

if __name__ == "__main__":
    sys.stdout.buffer.write(TypeAdapter(list[FontFamily]).dump_json(survey()))
