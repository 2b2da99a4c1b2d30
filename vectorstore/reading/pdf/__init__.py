"""PDF files: characters with their places, put together to lines, columns, paragraphs and tables."""

from vectorstore.reading.pdf.reader import PdfReader

__all__ = ["PdfReader"]
