import type { Clock, Entropy } from '@paramo/core';
import type { HealthFinding, ServiceBinding } from '@paramo/protocol';
import type { WriterLimits } from './limits.js';
import { openArtifacts } from './blobs/artifacts.js';
import { openBlobs } from './blobs/blobs.js';
import { openCheckpoints } from './blobs/checkpoints.js';
import type { PluginHost } from './host/host.js';
import { openOutputs } from './output/outputs.js';
import { artifactService } from './service/artifact-service.js';
import { checkpointService } from './service/checkpoint-service.js';
import { createIntake } from './service/intake.js';
import { metricService } from './service/metric-service.js';
import { outputService } from './service/output-service.js';
import { pluginService } from './service/plugin-service.js';
import { serverService, type ServerIdentity } from './service/server-service.js';
import { studyService } from './service/study-service.js';
import { trialService } from './service/trial-service.js';
import { resumeDeletions } from './store/deletion.js';
import type { Store } from './store/store.js';
import { createStudyStore } from './store/study-store.js';
import type { ProcessCheck } from './tuner/worker-process.js';
import { openTuner, type Tuner } from './tuner/tuner.js';

/** What the services run on. They own nothing of it: whoever assembles them closes it after them. */
export interface ServicesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly host: PluginHost;
  readonly identity: ServerIdentity;
  /** The folder of the content of artifacts and checkpoints; absent: there are no services for them. */
  readonly blobsPath?: string;
  /** Tells whether a worker process of this host has died; absent: leases alone tell. */
  readonly processes?: ProcessCheck;
  /** Those given replace the defaults. */
  readonly writerLimits?: Partial<WriterLimits>;
  /** What ServerService answers to a health check. */
  health(): Promise<readonly HealthFinding[]>;
  /** A client asks the daemon to end. */
  shutdown(): void;
}

/** The services of a daemon, without a network. */
export interface Services {
  readonly bindings: readonly ServiceBinding[];
  readonly tuner: Tuner;
  /** Lets go of every study; what is on its way to disk still gets there. */
  close(): Promise<void>;
}

/** Puts the stored studies to work and assembles every service over them. */
export async function assembleServices({ store, clock, entropy, host, identity, blobsPath, processes, writerLimits, health, shutdown }: ServicesOptions): Promise<Services> {
  const studies = createStudyStore(store, clock);
  // In the background: on a full disk, or where something is damaged, all else is to start. What is left is gone on with at the next start.
  void resumeDeletions(studies.store).catch(() => undefined);
  const blobs = blobsPath === undefined ? undefined : await openBlobs({ path: blobsPath, studies, clock, entropy });
  const tuner = openTuner({ studies, clock, entropy, host, ...(processes && { processes }) });
  const outputs = openOutputs(studies, { onOver: ({ studyId, ...name }, listener) => tuner.loaded(studyId)?.onOver(name, listener) });
  async function compact(): Promise<{ readonly before: number; readonly after: number }> {
    await blobs?.sweep();
    return store.compact();
  }

  return {
    bindings: [
      studyService(tuner, entropy), trialService(tuner, createIntake(clock, writerLimits)), metricService(studies), outputService(outputs), ...(blobs ? [artifactService(openArtifacts(blobs, studies), clock), checkpointService(openCheckpoints(blobs, studies), tuner, clock)] : []), pluginService(host),
      serverService(identity, tuner, { health, compact, shutdown }),
    ],
    tuner,
    async close() {
      await tuner.close();
      await blobs?.close();
      await studies.close();
    },
  };
}
