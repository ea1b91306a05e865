import type { CancelTimer } from '@paramo/core';
import type { StudyRuntime } from './runtime.js';
import type { HostTally, StudyState } from './study-state.js';

/** A host that gets no trial for a while. */
export interface HeldHost {
  readonly host: string;
  /** Attempts in a row that failed or were lost there. */
  readonly failures: number;
  /** In milliseconds. */
  readonly leftMs: number;
}

/** Holds hosts back on which trial after trial fails while others do well, as a host does whose driver, disk or data is broken. */
export interface HostWatch {
  /** Attempts on this host have ended: it may have to be held from here on. */
  look(host: string): void;
  /** Why this host gets no trial now; undefined: it may have one. */
  refusal(host: string): string | undefined;
  held(): readonly HeldHost[];
  close(): void;
}

/** So many failures in a row hold a host back. */
const mostFailures = 3;
/** How long, the first time; twice as long with each further failure. */
const firstMs = 60_000;
const longestMs = 3_600_000;

/** Watches the hosts of a study. `onFree` is called when one may have trials again. What the log says of them outlives the daemon. */
export function watchHosts({ journal, clock }: StudyRuntime, onFree: () => void): HostWatch {
  const { state } = journal;
  const holds = new Map<string, { readonly untilMs: number; readonly cancel: CancelTimer }>();

  function look(host: string): void {
    const failures = state.hosts.get(host)?.failures ?? 0;
    const known = holds.get(host);
    if (failures < mostFailures) {
      known?.cancel();
      holds.delete(host);
      return;
    }
    if (!othersDoWell(state, host)) return;
    known?.cancel();
    const ms = Math.min(longestMs, firstMs * 2 ** (failures - mostFailures));
    const free = (): void => {
      holds.delete(host);
      onFree();
    };
    holds.set(host, { untilMs: clock.monotonicMs() + ms, cancel: clock.setTimer(ms, free) });
  }

  function held(): HeldHost[] {
    return [...holds].flatMap(([host, { untilMs }]) => {
      const failures = state.hosts.get(host)?.failures ?? 0;
      // A person may have resumed the study meanwhile.
      return failures < mostFailures ? [] : [{ host, failures, leftMs: Math.max(0, untilMs - clock.monotonicMs()) }];
    });
  }

  for (const host of state.hosts.keys()) look(host);
  return {
    look,
    held,
    refusal(host) {
      if (!holds.has(host)) return undefined;
      const one = held().find((other) => other.host === host);
      return one && `${describeHold(one)}; look at their errors, then \`paramo resume ${state.record.spec.name}\``;
    },
    close() {
      for (const { cancel } of holds.values()) cancel();
    },
  };
}

/** A held host in words. */
export function describeHold({ host, failures, leftMs }: HeldHost): string {
  return `host ${host} gets no trial for ${Math.ceil(leftMs / 1000)} s: its last ${failures} trials failed or were lost, and other hosts do well`;
}

/** What many failures in a row say about the hosts they come from. */
export function judgeFailures({ hosts }: StudyState): 'end' | 'pause' | 'go on' {
  const tallies = [...hosts.values()];
  const bad = tallies.filter(({ failures }) => failures > 0).length;
  const well = tallies.filter(({ failures, running }) => failures === 0 && running > 0).length;
  if (bad > well) return bad > 1 ? 'pause' : 'end';
  return well > 0 ? 'go on' : 'end';
}

function othersDoWell({ hosts }: StudyState, host: string): boolean {
  const well = ({ failures, running, proven }: HostTally): boolean => failures < mostFailures && (running > 0 || (failures === 0 && proven));
  return [...hosts].some(([name, tally]) => name !== host && well(tally));
}
