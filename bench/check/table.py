"""The tables of peers and promises on the page about the checker."""

from collections.abc import Iterator, Mapping, Sequence

from bench.check.found import Found

BEGIN = "<!-- peers: begin, written by `just peers` -->"
END = "<!-- peers: end -->"

SIGNS = {"kept": "✓", "broken": "✗", "uncertain": "?", "not-asked": "–"}  # noqa: RUF001  # a dash


def put_into(page: str, found: Mapping[str, Found], groups: Sequence[str]) -> str:
    """Return the page with the tables between its markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables(found, groups)}\n{END}{after}"


def tables(found: Mapping[str, Found], groups: Sequence[str]) -> str:
    """Return a table for each group, and under it what was broken."""
    parts: list[str] = []
    for group in groups:
        peers = {name: each for name, each in found.items() if each.group == group}
        if peers:
            parts += [f"### {group}", "", *_table(peers), "", *_broken(peers), _checked(peers), ""]
    return "\n".join(parts)


def _table(peers: Mapping[str, Found]) -> Iterator[str]:
    """Yield the rows: a promise in each that at least one of the peers was asked for."""
    asked = {
        promise: None
        for each in peers.values()
        for promise in each.verdicts
        if any(_verdict(peer, promise) not in ("", "not-asked") for peer in peers.values())
    }
    yield _row("promise", *peers)
    yield "|---|" + ":-:|" * len(peers)
    for promise in asked:
        signs = [SIGNS.get(_verdict(each, promise), "") for each in peers.values()]
        yield _row(f"`{promise}`", *signs)
    yield _row("taken for", *(each.server or "nothing" for each in peers.values()))
    yield _row("exit status", *(str(each.status) for each in peers.values()))
    yield _row("seconds", *(f"{each.seconds:.0f}" for each in peers.values()))


def _verdict(found: Found, promise: str) -> str:
    return found.verdicts.get(promise, ("", ""))[0]


def _broken(peers: Mapping[str, Found]) -> Iterator[str]:
    told = False
    for name, each in peers.items():
        if each.said:
            told = True
            yield f"- {name}: “{each.said}”"
        for promise, (verdict, words) in each.verdicts.items():
            if verdict in ("broken", "uncertain"):
                told = True
                mark = "" if verdict == "broken" else ", uncertain"
                yield f"- {name}, `{promise}`{mark}: {words}"
    if told:
        yield ""


def _checked(peers: Mapping[str, Found]) -> str:
    versions = {name: text for each in peers.values() for name, text in each.versions.items()}
    days = sorted({each.day for each in peers.values()})
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    named = [f"{name} {text}" for name, text in versions.items()]
    return f"Checked: {', '.join([when, *named])}."


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
