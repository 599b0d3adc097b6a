"""SQLAlchemy: one noun a file, the table and its queries; and the store of files."""
