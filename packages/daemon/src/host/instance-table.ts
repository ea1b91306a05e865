import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, createSpace, isParamoError, isPlugin } from '@paramo/core';
import type { Plugin, PluginContext, Stopper, Strategy, TrialEvent } from '@paramo/core';
import type { InstanceContext, InstanceFacts, PluginCode, PluginFacts, RawAnswer, ThrownFailure, WorkerReply, WorkerRequest } from './messages.js';

/** The plugin instances of one thread or process. This is all that runs there beside the plugins. */
export interface InstanceTable {
  /** Does what is asked; whatever a plugin throws becomes a failure that can be sent. One request at a time. */
  handle(request: WorkerRequest): Promise<WorkerReply>;
}

type Instance = Partial<Strategy & Stopper> & Pick<Strategy, 'observe'>;

interface Loaded {
  readonly plugin: Plugin;
  readonly version: string;
}

/** An empty table. */
export function createInstanceTable(): InstanceTable {
  const instances = new Map<number, Instance>();
  const loaded = new Map<string, Loaded>();
  let stage = '';

  async function load(code: PluginCode): Promise<Loaded> {
    stage = 'its import';
    const known = loaded.get(code.entry);
    if (known) return known;
    const module = (await import(code.entry)) as { readonly default?: unknown };
    if (!isPlugin(module.default)) throw new Error('its default export is not a plugin; it should be what defineStrategy or defineStopper returns');
    const found = { plugin: module.default, version: packageVersion(code.directory) };
    loaded.set(code.entry, found);
    return found;
  }

  async function inspect(code: PluginCode): Promise<PluginFacts> {
    const { plugin, version } = await load(code);
    const { apiVersion, kind, description, options, capabilities } = plugin;
    return { version, apiVersion, kind, description: String(description ?? ''), options: options ?? {}, capabilities: capabilities ?? {} };
  }

  async function create(id: number, code: PluginCode, given: InstanceContext): Promise<InstanceFacts> {
    const { plugin, version } = await load(code);
    const context = pluginContext(given) as PluginContext<never>;
    stage = 'milestones()';
    const milestones = plugin.milestones?.(context);
    stage = 'create()';
    const instance = plugin.create(context) as Instance | undefined;
    if (typeof instance?.observe !== 'function') throw new Error(`it returned ${instance === undefined ? 'nothing' : 'something without observe()'}`);
    instances.set(id, instance);
    return { version, ...(milestones === undefined ? {} : { milestones }) };
  }

  function observe(id: number, events: readonly TrialEvent[]): Instance {
    stage = 'observe()';
    const instance = instances.get(id);
    if (!instance) throw new Error('the instance is gone');
    for (const event of events) instance.observe(event);
    return instance;
  }

  function ask(instance: Instance, wanted: boolean): RawAnswer {
    stage = 'decisions()';
    const decisions = instance.decisions?.() ?? [];
    stage = 'resume()';
    const resume = instance.resume?.();
    stage = 'done()';
    const done = instance.done?.() ?? false;
    stage = 'suggest()';
    const suggestion = wanted ? instance.suggest?.() : undefined;
    return { decisions, resume, suggestion, done };
  }

  async function answer(request: WorkerRequest): Promise<unknown> {
    switch (request.kind) {
      case 'inspect':
        return inspect(request.code);
      case 'create':
        return create(request.instance, request.code, request.context);
      case 'observe':
        observe(request.instance, request.events);
        return undefined;
      case 'ask':
        return ask(observe(request.instance, request.events), request.suggestion);
      case 'drop':
        instances.delete(request.instance);
        return undefined;
    }
  }

  return {
    async handle(request) {
      try {
        return { value: await answer(request) };
      } catch (thrown) {
        return { failure: thrownFailure(stage, thrown) };
      }
    },
  };
}

/** `thrown` in a form that can be sent, whatever it was. */
export function thrownFailure(stage: string, thrown: unknown): ThrownFailure {
  if (isParamoError(thrown)) {
    const { code, summary, hint } = thrown;
    return { kind: 'threw', stage, message: String(summary), stack: String(thrown.stack), error: { code, summary: String(summary), hint: String(hint) } };
  }
  if (thrown instanceof Error) return { kind: 'threw', stage, message: String(thrown.message || thrown.name), stack: String(thrown.stack) };
  return { kind: 'threw', stage, message: `${typeof thrown === 'object' ? Object.prototype.toString.call(thrown) : String(thrown)} was thrown`, stack: '' };
}

function pluginContext(given: InstanceContext): PluginContext<unknown> {
  const { space, objectives, options, trials, steps, seed, phase, revision } = given;
  return Object.freeze({
    space: createSpace(space),
    objectives,
    options,
    ...(trials === undefined ? {} : { trials }),
    ...(steps === undefined ? {} : { steps }),
    random: (...key: readonly (string | number)[]) => createRandom(seed, phase, revision, ...key),
  });
}

function packageVersion(directory: string): string {
  const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { readonly version?: unknown };
  return typeof version === 'string' ? version : '';
}
