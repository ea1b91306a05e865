import { optionsJsonSchema } from '@paramo/core';
import { bindService, PluginKind, PluginServiceService, type ServiceBinding, type ServiceHandlers } from '@paramo/protocol';
import type { PluginHost } from '../host/host.js';

/** PluginService over the plugin host. */
export function pluginService(host: PluginHost): ServiceBinding {
  const handlers: ServiceHandlers<typeof PluginServiceService> = {
    async listPlugins() {
      const plugins = await host.list();
      return {
        plugins: plugins.map(({ name, package: pack, version, kind, description, optionsSchema, capabilities, error }) => ({
          name, package: pack, version, description, kind: kind === 'strategy' ? PluginKind.PLUGIN_KIND_STRATEGY : PluginKind.PLUGIN_KIND_STOPPER,
          optionsSchemaJson: JSON.stringify(optionsJsonSchema(optionsSchema)), capabilities: Object.entries(capabilities).filter(([, has]) => has === true).map(([one]) => one), error: error ?? '',
        })),
      };
    },
  };
  return bindService(PluginServiceService, handlers);
}
