import { errorCodes, ParamoError } from '@paramo/core';
import type { ErrorCode } from '@paramo/core';
import type { CallFailure } from './channel.js';
import type { PluginKind } from './host.js';
import type { ThrownFailure } from './messages.js';

/** Who failed, for whom. */
export interface Blame {
  readonly kind: PluginKind;
  readonly name: string;
  readonly package: string;
  readonly version: string;
  /** Absent where no study is concerned yet. */
  readonly studyId?: string;
  readonly callTimeoutMs: number;
}

/** The error of a call that failed by the plugin's fault. */
export function failedCall(blame: Blame, stage: string, failure: CallFailure): ParamoError {
  switch (failure.kind) {
    case 'threw':
      return pluginError(blame, 'PLUGIN_FAILED', `failed in ${failure.stage}: ${failure.message}`, failure.stack);
    case 'timeout':
      return pluginError(blame, 'PLUGIN_TIMEOUT', `did not come back from ${stage} within ${blame.callTimeoutMs / 1_000} s`);
    case 'memory':
      return pluginError(blame, 'PLUGIN_MEMORY', `was ended in ${stage}: ${failure.detail}`);
    case 'died':
      return pluginError(blame, 'PLUGIN_FAILED', `went down in ${stage}: ${failure.detail}`);
    case 'lost':
      return new ParamoError({ code: 'UNAVAILABLE', message: `the host of ${blame.name} was closed during the call`, hint: 'Try again when the daemon is up.' });
  }
}

/** The error of an answer that breaks a rule of the contract. */
export function brokenRule(blame: Blame, rule: string): ParamoError {
  return pluginError(blame, 'PLUGIN_FAILED', `broke the plugin contract: ${rule}`);
}

/** The ParamoError a plugin threw itself, to say that the study does not fit; undefined when it threw something else. */
export function ownError({ error }: ThrownFailure): ParamoError | undefined {
  if (!error || !Object.hasOwn(errorCodes, error.code)) return undefined;
  return new ParamoError({ code: error.code as ErrorCode, message: error.summary, hint: error.hint });
}

function pluginError(blame: Blame, code: 'PLUGIN_FAILED' | 'PLUGIN_TIMEOUT' | 'PLUGIN_MEMORY', what: string, stack?: string): ParamoError {
  const { kind, name, package: packageName, version, studyId } = blame;
  const plugin = name === packageName ? packageName : `${name} (${packageName} ${version})`;
  const study = studyId === undefined ? '' : ` for study ${studyId}`;
  return new ParamoError({
    code,
    message: `${kind} ${plugin} ${what}${study && `,${study}`}`,
    hint: studyId === undefined ? `Update ${packageName}, or report this to its authors.` : `Update ${packageName}, or go on with another ${kind} and { revise: true }.`,
    details: { plugin: packageName, version, ...(studyId === undefined ? {} : { study: studyId }), ...(stack ? { stack } : {}) },
  });
}
