"""Old names of what now stands in other modules; remove once nothing imports this."""

from qa.text.english_counts import WORDED, asked_thing, score
from qa.text.names import NOT_NAMES as NO_NAMES
from qa.text.names import names, people
from vectorstore.text.language import is_english

__all__ = ["NO_NAMES", "WORDED", "asked_thing", "is_english", "names", "people", "score"]
