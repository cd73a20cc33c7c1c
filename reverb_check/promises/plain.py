"""The promise of a plain echo: every byte comes back (RFC 862)."""

from reverb_check.learned import Learned
from reverb_check.promises.promise import ECHOES, Finding, Promise, Wishes, broken, kept, shown
from reverb_check.script import Scenario, Script, Step, half_close
from reverb_check.transcript import Ending, Evidence

BINARY = bytes(range(256)) * 300 + b"no line end"


def _binary(learned: Learned, _wishes: Wishes) -> Scenario:
    return (Script([Step(0.0, BINARY), half_close()], within=learned.patience),)


def _plain(_learned: Learned, _wishes: Wishes, evidence: Evidence) -> Finding:
    (transcript,) = evidence.transcripts
    came = transcript.data
    if came == BINARY:
        if transcript.ending is Ending.OPEN:
            return broken("every byte came back, and the connection did not end")
        return kept(f"{len(BINARY):,} bytes, to the byte")
    same = next((n for n, (a, b) in enumerate(zip(came, BINARY, strict=False)) if a != b), None)
    if same is None:
        return broken(f"{len(came):,} of {len(BINARY):,} bytes came back")
    return broken(
        f"byte {same:,} came back changed",
        history=(f"sent  {shown(BINARY[same : same + 16])}", f"came  {shown(came[same:])}"),
    )


ALL = (
    Promise(
        id="plain",
        sentence="every byte comes back as it was, up to the end of input",
        otherwise="bytes do not come back as they were",
        source="RFC 862",
        sends=f"{len(BINARY):,} bytes of all values, and the end of input",
        kept_if="the same bytes come back, then the end",
        advice="Copy bytes, not lines or text, and close once all has been sent: io.Copy.",
        scenario=_binary,
        judge=_plain,
        kinds=ECHOES,
    ),
)
