"""Draw all pictures anew: those of the README, and those that only tests look at."""

from tests.pictures.scenes import FILES
from tests.pictures.studio import in_virtual_time

for file, scene in FILES.items():
    file.write_text(in_virtual_time(scene), encoding="utf-8")
