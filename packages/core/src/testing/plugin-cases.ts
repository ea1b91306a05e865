import type { Json } from '../json.js';
import { resolveOptions } from '../options.js';
import { isParamoError } from '../paramo-error.js';
import type { Plugin } from '../plugin.js';
import { isPlugin, pluginApiVersion } from '../plugin.js';
import type { ConformanceCase } from './conformance-case.js';
import { expectThat } from './conformance-case.js';

/** What holds for strategies and stoppers alike before a study begins. */
export function pluginCases(plugin: Plugin, options: Readonly<Record<string, Json>>): readonly ConformanceCase[] {
  return [
    {
      name: 'it says what it is: name, version, contract, purpose and options',
      run: () => {
        expectThat(isPlugin(plugin), 'it was not made by defineStrategy or defineStopper');
        expectThat(/^[a-z][a-z0-9-]*$/.test(plugin.name), `its short name is ${JSON.stringify(plugin.name)}; users type it, so give letters, digits and hyphens`);
        expectThat(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(plugin.version), `its version is ${JSON.stringify(plugin.version)}; replay needs that of the package`);
        expectThat(plugin.apiVersion === pluginApiVersion, `it is made for contract ${plugin.apiVersion}; this is ${pluginApiVersion}`);
        expectThat(plugin.description.trim() !== '', 'it has no description');
        for (const [name, option] of Object.entries(plugin.options)) expectThat(option.description.trim() !== '', `option ${name} has no description`);
      },
    },
    {
      name: 'it refuses an option it does not have and names the near miss',
      run: () => {
        for (const known of ['', ...Object.keys(plugin.options)]) {
          const wrong = `${known}x`;
          try {
            resolveOptions(plugin.name, plugin.options, { ...options, [wrong]: 1 });
          } catch (error) {
            expectThat(isParamoError(error, 'INVALID_OPTIONS'), `option ${wrong} fails with ${String(error)}, not with INVALID_OPTIONS`);
            expectThat(known === '' || error.hint.includes(known), `the hint for ${wrong} does not name ${known}: ${error.hint}`);
            continue;
          }
          expectThat(false, `it takes an option ${wrong}`);
        }
      },
    },
  ];
}
