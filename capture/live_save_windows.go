package capture

// noFollow has no equivalent; O_EXCL refuses what exists, links included.
const noFollow = 0
