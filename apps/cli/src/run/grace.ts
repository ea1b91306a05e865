/** How long a program has to end when asked to, unless something else is said, in milliseconds. */
export const defaultGraceMs = 10_000;
