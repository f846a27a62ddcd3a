"""Words for people: catalogues in English and Simplified Chinese, dates and numbers by locale."""
