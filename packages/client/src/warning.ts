/** Tells the user something once a subject; never throws. */
export interface Warnings {
  /** Says `text` unless `subject` was warned about before. */
  once(subject: string, text: string): void;
}

/** Warnings that go to `write`, one line each. */
export function createWarnings(write: (line: string) => void): Warnings {
  const said = new Set<string>();
  return {
    once(subject, text) {
      if (said.has(subject)) return;
      said.add(subject);
      try {
        write(`paramo: ${text}\n`);
      } catch {
        // A closed stderr is no reason to stop a training.
      }
    },
  };
}

/** Writes to this process's stderr, where training output and data on stdout stay untouched. */
export function writeToStderr(line: string): void {
  process.stderr.write(line);
}
