/** What the names of series begin with that tell of the machine a trial runs on, such as `system/cpu`, and nothing of its training. */
const systemPrefix = 'system/';

/** Whether a metric tells of the machine: it is kept as a series and is otherwise no metric of the trial. */
export function isSystemMetric(name: string): boolean {
  return name.startsWith(systemPrefix);
}
