import { createRandom, createSpace, drawFraction, ParamoError, resolveOptions } from '@paramo/core';
import type { Entropy, Json, Plugin, PluginContext, PluginReference, Stopper, Strategy } from '@paramo/core';
import { BrokenRule, checkAnswer, checkMilestones } from '../../host/answer-check.js';
import type { Answer, EventSource, PluginHost, PluginInfo, PluginKind, PluginSession, StudyContext } from '../../host/host.js';
import { brokenRule, failedCall } from '../../host/plugin-error.js';
import { checkStudyFit } from '../../host/study-fit.js';

/** The simulated plugin host: runs plugins in this thread, and drops their instances at random. */
export interface InlineHost extends PluginHost {
  /** Installs a plugin, or another version of it. */
  install(plugin: Plugin): void;
  /** How many instances were built. */
  readonly built: number;
}

/** How it behaves. */
export interface InlineHostOptions {
  readonly plugins: readonly Plugin[];
  readonly entropy: Entropy;
  /** The chance in [0, 1] that an instance is dropped before an ask. */
  readonly dropChance?: number;
}

type Instance = Partial<Strategy & Stopper> & Pick<Strategy, 'observe'>;

/** A host of these plugins, each in a package of its name. */
export function createInlineHost({ plugins, entropy, dropChance = 0 }: InlineHostOptions): InlineHost {
  const installed = new Map<string, Plugin>();
  const install = (plugin: Plugin): void => void installed.set(`${plugin.kind} ${plugin.name}`, plugin);
  plugins.forEach(install);
  let built = 0;

  function find(kind: PluginKind, { name, options }: PluginReference): { readonly plugin: Plugin; readonly info: PluginInfo; readonly options: Readonly<Record<string, Json>> } {
    const plugin = installed.get(`${kind} ${name}`);
    if (!plugin) throw new ParamoError({ code: 'UNKNOWN_PLUGIN', message: `no ${kind} is called ${JSON.stringify(name)}`, hint: `There are: ${[...installed.keys()].join(', ')}.` });
    return { plugin, info: infoOf(plugin), options: resolveOptions(name, plugin.options, options) as Readonly<Record<string, Json>> };
  }

  return {
    install,
    get built() {
      return built;
    },
    async list() {
      return [...installed.values()].map(infoOf);
    },
    async describe(kind, reference) {
      return find(kind, reference).info;
    },
    async open(kind, reference, study, events): Promise<PluginSession> {
      const { plugin, info, options } = find(kind, reference);
      checkStudyFit(kind, info, study);
      const { version } = info;
      const blame = { kind, name: plugin.name, package: info.package, version, studyId: study.studyId, callTimeoutMs: 60_000 };
      const context = contextOf(study, options);
      const create = (): Placed => {
        built++;
        return { instance: plugin.create(context as PluginContext<never>) as Instance, position: 0 };
      };
      let placed: Placed | undefined = create();
      let closed = false;
      let queue: Promise<unknown> = Promise.resolve();

      async function ask(through: number, wanted: boolean): Promise<Answer> {
        // As with a thread, the answer comes in a later turn.
        if (drawFraction(entropy) < 0.5) await new Promise(setImmediate);
        if (closed) throw new ParamoError({ code: 'ABORTED', message: `the session of ${kind} ${plugin.name} was closed` });
        if (placed && (placed.position > through || drawFraction(entropy) < dropChance)) placed = undefined;
        placed ??= create();
        const { instance } = placed;
        try {
          observe(placed, events, through);
          const answer = {
            decisions: instance.decisions?.() ?? [], resume: instance.resume?.(), done: instance.done?.() ?? false, suggestion: wanted ? instance.suggest?.() : undefined,
          };
          return checkAnswer(structuredClone(answer), through, { kind, space: context.space });
        } catch (thrown) {
          placed = undefined;
          if (thrown instanceof BrokenRule) throw brokenRule(blame, thrown.message);
          throw failedCall(blame, 'an ask', { kind: 'threw', stage: 'observe()', message: (thrown as Error).message, stack: '' });
        }
      }

      return {
        identity: { package: info.package, version },
        capabilities: info.capabilities,
        milestones: checkMilestones(plugin.milestones?.(context as PluginContext<never>), kind === 'stopper' ? 'every' : 'none'),
        ask(through, { suggestion }) {
          const turn = queue.then(() => ask(through, suggestion));
          queue = turn.catch(() => undefined);
          return turn;
        },
        drop() {
          placed = undefined;
        },
        async close() {
          closed = true;
        },
      };
    },
    async close() {
      installed.clear();
    },
  };
}

interface Placed {
  readonly instance: Instance;
  position: number;
}

function observe(placed: Placed, events: EventSource, through: number): void {
  for (const block of events(placed.position, through)) {
    for (const event of structuredClone(block)) {
      if (event.position <= placed.position) throw new Error(`event ${event.position} came after ${placed.position}`);
      placed.instance.observe(event);
      placed.position = event.position;
    }
  }
  placed.position = through;
}

function infoOf({ name, version, kind, description, options, capabilities = {} }: Plugin): PluginInfo {
  return { name, package: `@paramo/${kind}-${name}`, version, kind, description, optionsSchema: options, capabilities };
}

function contextOf({ space, objectives, trials, steps, seed, phase, revision }: StudyContext, options: Readonly<Record<string, Json>>): PluginContext {
  return {
    space: createSpace(space), objectives, options, ...(trials === undefined ? {} : { trials }), ...(steps === undefined ? {} : { steps }),
    random: (...key) => createRandom(seed, phase, revision, ...key),
  };
}
