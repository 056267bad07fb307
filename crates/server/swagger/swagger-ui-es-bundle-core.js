// Not loaded by the page at /api/docs, so its megabyte stays out of the binary.
