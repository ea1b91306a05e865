import { bindService, ReplayOutcome, ServerServiceService, type CompactResponse, type HealthFinding, type ReplayResponse, type ServiceBinding, type ServiceHandlers } from '@paramo/protocol';
import type { ReplayProgress } from '../tuner/replay.js';
import type { Tuner } from '../tuner/tuner.js';

/** Who the daemon is. */
export interface ServerIdentity {
  readonly version: string;
  readonly instanceId: string;
  readonly startedMs: number;
  readonly storeFormat: number;
  readonly maxMessageBytes: number;
}

const outcomes: Readonly<Record<NonNullable<ReplayProgress['outcome']>, ReplayOutcome>> = {
  reproduced: ReplayOutcome.REPLAY_OUTCOME_REPRODUCED, differs: ReplayOutcome.REPLAY_OUTCOME_DIFFERS, 'not checkable': ReplayOutcome.REPLAY_OUTCOME_NOT_CHECKABLE,
};

/** What ServerService does with the daemon around it. */
export interface ServerActions {
  /** Looks at store, home and plugins. */
  health(): Promise<readonly HealthFinding[]>;
  /** Packs the store; answers its bytes before and after. */
  compact(): Promise<{ readonly before: number; readonly after: number }>;
  /** Ends the daemon after the answer. */
  shutdown(): void;
}

/** ServerService. */
export function serverService(identity: ServerIdentity, tuner: Tuner, { health, compact, shutdown }: ServerActions): ServiceBinding {
  const handlers: ServiceHandlers<typeof ServerServiceService> = {
    async getServerInfo() {
      const { version, instanceId, startedMs, storeFormat, maxMessageBytes } = identity;
      return { version, protocol: 1, storeFormat, instanceId, pid: process.pid, startedMs: BigInt(Math.trunc(startedMs)), features: ['replay', 'enqueue', 'import', 'artifacts'], maxMessageBytes };
    },
    async checkHealth() {
      return { findings: [...(await health())] };
    },
    async *replay({ studyId }, { signal }): AsyncIterable<ReplayResponse> {
      for await (const { position, head, reproduced, outcome, detail, differsAt } of tuner.study(studyId).replay()) {
        if (signal.aborted) return;
        yield {
          position: BigInt(position), head: BigInt(head), reproduced: BigInt(reproduced), detail, outcome: outcome ? outcomes[outcome] : ReplayOutcome.REPLAY_OUTCOME_UNSPECIFIED,
          differsAt: differsAt === undefined ? undefined : BigInt(differsAt),
        };
      }
    },
    async *compact(): AsyncIterable<CompactResponse> {
      const { before, after } = await compact();
      yield { bytesBefore: BigInt(before), bytesAfter: BigInt(after) };
    },
    async shutdown() {
      shutdown();
      return {};
    },
  };
  return bindService(ServerServiceService, handlers);
}
