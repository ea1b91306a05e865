/** One rule of a contract as a runnable case. `run` throws a ConformanceFailure that says what broke. */
export interface ConformanceCase {
  /** A sentence about behaviour; fit to be the name of a test. */
  readonly name: string;
  run(): void;
}

/** The same for contracts that need time to pass. */
export interface AsyncConformanceCase {
  /** A sentence about behaviour; fit to be the name of a test. */
  readonly name: string;
  run(): Promise<void>;
}

/** A rule of a contract was broken; the message says which and how. */
export class ConformanceFailure extends Error {
  override readonly name = 'ConformanceFailure';
}

/** Throws a ConformanceFailure with `message` unless `holds`. */
export function expectThat(holds: boolean, message: string): asserts holds {
  if (!holds) throw new ConformanceFailure(message);
}
