"""What people would rather see than read: pictures, one self-contained HTML page, files."""
