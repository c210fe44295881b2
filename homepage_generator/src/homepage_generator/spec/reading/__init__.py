"""A commission as callers send it, read into a Brief: lenient in form, strict where a fact would become another."""

from homepage_generator.spec.reading.commission import read_commission
from homepage_generator.spec.reading.pictures import FetchPicture, Pictures

__all__ = ["FetchPicture", "Pictures", "read_commission"]
