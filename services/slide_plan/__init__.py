"""Pure functions on the plan of a recording's slides: which slides its documents have, in which order, with which pictures and times."""
