"""The little of Go's standard library that the book's programs call, written for anyio."""
