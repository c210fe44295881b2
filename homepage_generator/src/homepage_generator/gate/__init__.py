"""What a site has to pass before anyone sees it: a real browser looks at every page on four screens."""

from homepage_generator.gate.inspection import inspect
from homepage_generator.gate.probing import packaged_axe
from homepage_generator.gate.report import Finding, Report

__all__ = ["Finding", "Report", "inspect", "packaged_axe"]
