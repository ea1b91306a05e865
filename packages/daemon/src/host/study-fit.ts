import { ParamoError, pluginApiVersion } from '@paramo/core';
import type { PluginInfo, PluginKind, StudyContext } from './host.js';
import type { PluginFacts } from './messages.js';
import type { InstalledPlugin } from './plugin-catalogue.js';

/** @throws ParamoError PLUGIN_MISMATCH when the plugin is of another contract version or kind than its package's name says. */
export function checkContract(plugin: InstalledPlugin, facts: PluginFacts): void {
  if (facts.apiVersion !== pluginApiVersion) {
    const message = `${plugin.package} ${facts.version} is written for version ${facts.apiVersion} of the plugin contract; this daemon speaks version ${pluginApiVersion}`;
    const hint = facts.apiVersion < pluginApiVersion ? `Install a newer ${plugin.package}.` : `Update paramo, or install an older ${plugin.package}.`;
    throw new ParamoError({ code: 'PLUGIN_MISMATCH', message, hint });
  }
  if (facts.kind !== plugin.kind) {
    const message = `${plugin.package} is called a ${plugin.kind}, but what it exports is a ${facts.kind}`;
    throw new ParamoError({ code: 'PLUGIN_MISMATCH', message, hint: `Rename it to ${plugin.package.replace(`${plugin.kind}-`, `${facts.kind}-`)}.` });
  }
}

/** @throws ParamoError PLUGIN_MISMATCH when the study needs what the plugin does not declare, saying what to change. */
export function checkStudyFit(kind: PluginKind, { name, capabilities }: PluginInfo, { space, objectives }: StudyContext): void {
  // Only strategies make params; a stopper has no need to know the space.
  const conditional = kind === 'strategy' && space.parameters.find((parameter) => parameter.when.length > 0);
  if (conditional && !capabilities.conditional) {
    const on = conditional.when.map(({ parameter }) => parameter).join(', ');
    throw mismatch(`${kind} ${name} cannot deal with branches, but ${conditional.name} depends on ${on}`, `Take the branch out of the space, or choose another ${kind}: "paramo plugins" shows which ones can.`);
  }
  if (objectives.length > 1 && !capabilities.multiObjective) {
    const names = objectives.map(({ metric }) => metric).join(', ');
    throw mismatch(`${kind} ${name} takes one objective, but the study has ${objectives.length} (${names})`, `Give one objective, or choose another ${kind}: "paramo plugins" shows which ones can.`);
  }
}

function mismatch(message: string, hint: string): ParamoError {
  return new ParamoError({ code: 'PLUGIN_MISMATCH', message, hint });
}
