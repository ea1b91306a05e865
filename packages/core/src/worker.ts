/** A worker as it names itself. */
export interface Worker {
  /** Unique for a slot that evaluates one trial at a time. */
  readonly id: string;
  /** The process the slot lives in: the writer id of its reports. */
  readonly process: string;
  readonly host: string;
  /** Its process id on that host, or 0. */
  readonly pid: number;
  readonly labels: Readonly<Record<string, string>>;
}
