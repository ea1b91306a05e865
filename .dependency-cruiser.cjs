// The import arrows of this workspace (see CONTRIBUTING.md). A package is named in an import by its package name
// (`@paramo/core`); where the workspace is built that resolves to its dist folder, else it stays a bare name. The
// patterns below know both, so the arrows hold on a tree that was never built.

const packageNames = '(?:@paramo/[^/]+|paramo)(?:/|$)';
const folders = '(?:packages|apps|tools)/[^/]+/';
const tests = String.raw`\.test\.ts$`;
const unresolved = String.raw`^\.`; // a relative import of a file that is not there: the compiler's to report

/** A workspace package as it may appear as the target of an import. */
const target = (folder) => {
  const [, room, name] = /^(packages|apps|tools)\/(.+)$/.exec(folder);
  const bare = room === 'apps' && name === 'cli' ? 'paramo' : `@paramo/${name}`;
  return `^(?:${folder}/|${bare}(?:/|$))`;
};

/** Files under `folder` (a pattern) may import, of all packages of this workspace, only themselves and `allowed`; those of `except` have rules of their own. */
const arrows = (name, folder, allowed, except = []) => ({
  name,
  comment: `${folder} may import ${allowed.length === 0 ? 'no other package' : allowed.join(', ')} of this workspace.`,
  severity: 'error',
  from: { path: `^(${folder})/`, ...(except.length > 0 && { pathNot: except }) },
  to: { path: [`^${folders}`, `^${packageNames}`], pathNot: ['^$1/', ...allowed.map(target)] },
});

/** Inside the daemon: the folder `from` must not import the folder `to`. */
const daemonRooms = (from, to) => ({
  name: `daemon-${from}-not-${to}`,
  comment: `packages/daemon/src/${from} must not import packages/daemon/src/${to}.`,
  severity: 'error',
  from: { path: `^packages/daemon/src/${from}/` },
  to: { path: `^packages/daemon/src/${to}/` },
});

const core = 'packages/core';
const protocol = 'packages/protocol';
const client = 'packages/client';
const daemon = 'packages/daemon';

module.exports = {
  forbidden: [
    arrows('core-imports-nothing', core, []),
    arrows('plugin-imports-core', 'packages/(?:strategy|stopper)-[^/]+', [core]),
    arrows('protocol-imports-core', protocol, [core]),
    arrows('client-imports-protocol-core', client, [protocol, core]),
    arrows('daemon-imports-protocol-core', daemon, [protocol, core]),
    arrows('adapter-imports-client', 'packages/adapter-[^/]+', [client]),
    arrows('dashboard-imports-client', 'apps/dashboard', [client]),
    // The composition root. Its end-to-end tests see every package, and the demo is a program of a user's.
    arrows('cli-imports-daemon-client', 'apps/cli', [daemon, client, protocol, core], ['^apps/cli/src/demo/', tests]),
    arrows('demo-imports-adapter', 'apps/cli/src/demo', ['apps/cli', client, core, 'packages/adapter-tfjs'], [tests]),
    {
      name: 'package-not-to-app',
      comment: 'A package never imports an app.',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: ['^apps/', '^paramo(?:/|$)', '^@paramo/dashboard(?:/|$)'] },
    },
    {
      name: 'product-not-to-tools',
      comment: 'Product code never imports the tools of this repository.',
      severity: 'error',
      from: { path: '^(?:packages|apps|examples)/' },
      to: { path: ['^tools/', '^@paramo/(?:bench|checks)(?:/|$)'] },
    },
    {
      name: 'no-reach-inside',
      comment: "No file imports another package's src or dist, neither by a relative path nor past its exports.",
      severity: 'error',
      from: { path: `^(${folders}|examples/)` },
      to: { path: `^${folders}`, pathNot: '^$1', dependencyTypes: ['local'] },
    },
    {
      name: 'no-deep-import',
      comment: "A package is imported by its name, or by its name and '/testing'; nothing else of it is public.",
      severity: 'error',
      from: {},
      to: {
        path: [
          String.raw`^(?:@paramo/[^/]+|paramo)/(?!testing$)`,
          String.raw`^\.\./.*/(?:src|dist)/`, // a relative path into a package that is not built
        ],
      },
    },
    {
      name: 'core-is-pure',
      comment: 'The sources of core import only each other: no npm package and nothing of Node.',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: tests },
      to: { pathNot: ['^packages/core/src/', unresolved] },
    },
    {
      name: 'plugin-is-pure',
      comment:
        'The sources of a strategy or stopper import only each other and core: no npm package and nothing of Node but node:module, to read the version in its own package.json.',
      severity: 'error',
      from: { path: '^(packages/(?:strategy|stopper)-[^/]+)/src/', pathNot: tests },
      to: { pathNot: ['^$1/src/', target(core), '^(?:node:)?module$', unresolved] },
    },
    {
      name: 'client-stays-light',
      comment: 'The sources of client depend on protocol, core, grpc-js and Node; nothing else.',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: tests },
      to: {
        dependencyTypesNot: ['local', 'core'],
        pathNot: [target(protocol), target(core), '^(?:node_modules/)?@grpc/grpc-js(?:/|$)', unresolved],
      },
    },
    {
      name: 'testing-only-in-tests',
      comment: 'The /testing entry of a package is for tests and for other /testing entries.',
      severity: 'error',
      from: { path: '^(?:packages|apps)/', pathNot: [tests, '/testing/'] },
      to: { path: ['^@paramo/[^/]+/testing', '^packages/[^/]+/(?:src|dist)/testing/'] },
    },
    daemonRooms('store', 'service'),
    daemonRooms('store', 'tuner'),
    daemonRooms('tuner', 'service'),
    {
      name: 'no-cycle',
      comment: 'Two files that import each other are one concept in two files.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-test-imported',
      comment: 'Nothing imports a test.',
      severity: 'error',
      from: {},
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^(?:packages|apps|tools)/[^/]+/dist/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
    tsPreCompilationDeps: true,
  },
};
