# As many workers as tests/conftest.py says; who has nothing left to do takes over from others.
parallel := "-n auto --dist worksteal"

# List the recipes
default:
    @just --list --unsorted

# Run all tests (arguments go to pytest)
test *arguments:
    pytest {{ parallel }} {{ arguments }}

# Run the tests in a real browser: needs Chromium and the extra "browser"
browser *arguments:
    pytest tests/browser {{ arguments }}

# All that is checked before a change lands: format, lint, types, contracts, tests with coverage
check: format-check lint types contracts coverage

# Put the code into its format
format:
    ruff format .
    ruff check --fix-only .

# Draw the pictures of the README anew, from the real client
screenshots:
    python -m tests.pictures

# Draw the picture of the client in a browser again: needs the same as "browser"
browser-picture:
    python -m tests.browser.picture

# Serve good and rude clients for some minutes; memory and descriptors must not creep up
soak minutes="10" backend="asyncio":
    python -m bench.soak {{ minutes }} {{ backend }}

# Measure Reverb and its peers side by side ("just bench quick": fewer measures, in a minute)
bench *arguments:
    python -m bench.run {{ if arguments == "quick" { "--quick" } else { arguments } }}

# Measure how cost grows with its load, of the server and of the client
growth *arguments:
    python -m bench.growth {{ arguments }}

# Measure the client in a terminal: when a line is seen, keys in a flood, and the timeline
client:
    python -m bench.client_lines
    python -m bench.client_flood
    python -m bench.timeline

# Measure what each attack costs the server, and another client
attacks seconds="5":
    python -m bench.attacks {{ seconds }}

# Check the peers with reverb-check, and write the tables of docs/check.md ("just peers nginx": a few)
[positional-arguments]
peers *names:
    python -m bench.check.run "$@"

[private]
format-check:
    ruff format --check .

[private]
lint:
    ruff check .

[private]
types:
    mypy

[private]
contracts:
    lint-imports

[private]
coverage:
    pytest {{ parallel }} --cov --cov-report=term
