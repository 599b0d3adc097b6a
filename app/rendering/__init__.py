"""The only home of WeasyPrint: template and data in, PDF bytes out."""
