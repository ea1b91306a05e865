import { availableParallelism } from 'node:os';
import { drawFraction, ParamoError, resolveOptions } from '@paramo/core';
import type { Json } from '@paramo/core';
import type { PluginHost, PluginHostOptions, PluginInfo, PluginSession } from './host.js';
import { createLanes } from './lanes.js';
import type { Lane } from './lanes.js';
import type { InstanceContext, PluginFacts } from './messages.js';
import { createPluginCatalogue } from './plugin-catalogue.js';
import type { CataloguedPlugin, InstalledPlugin, PluginCatalogue } from './plugin-catalogue.js';
import { failedCall } from './plugin-error.js';
import { openSession } from './plugin-session.js';
import { checkContract, checkStudyFit } from './study-fit.js';

const defaults = { callTimeoutMs: 60_000, memoryLimitMb: 512, idleMs: 60_000, dropChance: 0 };

/** A host for the plugins that `options.sources` name. No code of theirs is loaded before it is asked for. */
export function createPluginHost(options: PluginHostOptions): PluginHost {
  const { sources, clock, entropy, threads = 2 * availableParallelism() } = options;
  const { callTimeoutMs, memoryLimitMb, idleMs, dropChance } = { ...defaults, ...options };
  if (dropChance > 0 && !entropy) throw new ParamoError({ code: 'INVALID_ARGUMENT', message: 'dropChance was given without entropy', hint: 'Give entropy as well.' });
  // Anew each time: a plugin that was installed meanwhile is found.
  const catalogue = (): PluginCatalogue => createPluginCatalogue(sources());
  catalogue();
  const lanes = createLanes({ clock, threads, callTimeoutMs, memoryLimitMb, idleMs });
  const known = new Map<string, PluginInfo>();
  const sessions = new Set<PluginSession>();
  let instances = 0;
  let closed = false;

  function takeLane(plugin: CataloguedPlugin): Lane {
    if (closed) throw new ParamoError({ code: 'UNAVAILABLE', message: 'the plugin host is closed', hint: 'Try again when the daemon is up.' });
    return plugin.firstParty ? lanes.inThread() : lanes.inProcess();
  }

  /** What the plugin says of itself: its code is loaded where it would run, once a version. */
  async function inspect(plugin: InstalledPlugin): Promise<PluginInfo> {
    const key = `${plugin.code.entry} ${plugin.version}`;
    const info = known.get(key) ?? (await inspectAnew(plugin));
    known.set(key, info);
    return info;
  }

  async function inspectAnew(plugin: InstalledPlugin): Promise<PluginInfo> {
    for (;;) {
      const lane = takeLane(plugin);
      try {
        const outcome = await lane.channel.request({ kind: 'inspect', code: plugin.code });
        if ('value' in outcome) return infoOf(plugin, outcome.value as PluginFacts);
        if (outcome.failure.kind !== 'lost') throw failedCall({ ...plugin, callTimeoutMs }, 'its import', outcome.failure);
      } finally {
        lane.release();
      }
    }
  }

  const host: PluginHost = {
    list: () => {
      const installed = catalogue();
      return Promise.all(
        installed.plugins.map(async (plugin) => {
          try {
            return await inspect(installed.locate(plugin));
          } catch (thrown) {
            return unloadable(plugin, ParamoError.from(thrown));
          }
        }),
      );
    },
    describe: async (kind, reference) => {
      const info = await inspect(catalogue().find(kind, reference.name));
      resolveOptions(info.name, info.optionsSchema, reference.options);
      return info;
    },
    open: async (kind, reference, context, events) => {
      const plugin = catalogue().find(kind, reference.name);
      const info = await inspect(plugin);
      const resolved = resolveOptions(info.name, info.optionsSchema, reference.options) as Readonly<Record<string, Json>>;
      checkStudyFit(kind, info, context);
      const { space, objectives, trials, steps, seed, phase, revision } = context;
      const instanceContext: InstanceContext = {
        space, objectives, options: resolved, seed, phase, revision,
        ...(trials === undefined ? {} : { trials }),
        ...(steps === undefined ? {} : { steps }),
      };
      const session = await openSession({
        plugin, info, context, instanceContext, events, clock, callTimeoutMs, idleMs,
        takeLane: () => takeLane(plugin),
        nextInstance: () => ++instances,
        dropNow: () => dropChance > 0 && drawFraction(entropy!) < dropChance,
        onClose: (ended) => void sessions.delete(ended),
      });
      sessions.add(session);
      return session;
    },
    close: async () => {
      closed = true;
      await Promise.all([...sessions].map((session) => session.close()));
      await lanes.close();
    },
  };
  return host;
}

function infoOf(plugin: InstalledPlugin, facts: PluginFacts): PluginInfo {
  checkContract(plugin, facts);
  const { version, description, options, capabilities } = facts;
  return { name: plugin.name, package: plugin.package, version, kind: plugin.kind, description, optionsSchema: options, capabilities };
}

function unloadable(plugin: CataloguedPlugin, error: ParamoError): PluginInfo {
  return { name: plugin.name, package: plugin.package, version: '', kind: plugin.kind, description: '', optionsSchema: {}, capabilities: {}, error: error.message };
}
