/** Names of the studies, without loading them. */

/** Names that `runStudy` takes; 'overview' is all of them. */
export const studyNames: readonly string[] = Object.freeze(['tirer', 'huang', 'belfer', 'barzilai', 'li', 'overview']);
