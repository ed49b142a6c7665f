"""Reports for readers: one document, saved as a page, a PDF, a Word document or a workbook."""

from opiateroutes.reports.chokepoint_report import chokepoint_report
from opiateroutes.reports.document import Report
from opiateroutes.reports.saving import REPORT_FORMATS
from opiateroutes.reports.wording import LANGUAGES

__all__ = ["LANGUAGES", "REPORT_FORMATS", "Report", "chokepoint_report"]
