// Types, names and house rules that the compiler does not hold. Import arrows are in .dependency-cruiser.cjs.
import tseslint from 'typescript-eslint';
import { documentedExports } from './tools/checks/documented-exports.js';

const sources = ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'tools/*/src/**/*.ts', 'examples/**/*.ts'];
const tests = ['**/*.test.ts'];
const generated = ['packages/protocol/src/gen/**'];
const replayable = ['packages/core/src/**/*.ts', 'packages/strategy-*/src/**/*.ts', 'packages/stopper-*/src/**/*.ts'];
const ports = ['packages/daemon/src/**/*.ts', 'packages/client/src/**/*.ts'];

/** Where the real clock, chance and transport stand: gRPC counts its deadlines by the wall clock, and only there. */
const portImplementations = [
  ...['**/clock*.ts', '**/*-clock.ts', '**/entropy*.ts', '**/*-entropy.ts'],
  ...['packages/client/src/grpc-transport.ts', 'packages/client/src/hold-process.ts'],
  ...['packages/daemon/src/server/call-adapters.ts', 'packages/daemon/src/server/open-calls.ts'],
];

/** Math functions whose last bit differs between engines (ECMA-262 leaves them to the implementation). */
const approximated = [
  ...['acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'atan2', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'hypot'],
  ...['log', 'log1p', 'log10', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh'],
];

const noClockOrChance = [
  { object: 'Math', property: 'random', message: 'Randomness comes from the injected source.' },
  { object: 'Date', property: 'now', message: 'Time comes from the injected clock.' },
  { object: 'performance', property: 'now', message: 'Time comes from the injected clock.' },
  { object: 'process', property: 'hrtime', message: 'Time comes from the injected clock.' },
  { object: 'crypto', property: 'randomUUID', message: 'Randomness comes from the injected source.' },
  { object: 'crypto', property: 'getRandomValues', message: 'Randomness comes from the injected source.' },
];
const noTimers = ['setTimeout', 'setInterval'].map((name) => ({
  name,
  message: 'Waiting goes through the injected clock.',
}));
const noClockOrChanceImports = {
  paths: [
    { name: 'node:timers', message: 'Waiting goes through the injected clock.' },
    { name: 'node:timers/promises', message: 'Waiting goes through the injected clock.' },
    { name: 'node:perf_hooks', message: 'Time comes from the injected clock.' },
    ...['node:crypto', 'crypto'].map((name) => ({
      name,
      importNames: ['randomBytes', 'randomInt', 'randomUUID', 'randomFillSync', 'randomFill', 'webcrypto'],
      message: 'Randomness comes from the injected source.',
    })),
  ],
};

const houseSyntax = [
  { selector: 'ExportAllDeclaration', message: 'Name what a barrel exports: no export *.' },
  { selector: 'TSEnumDeclaration', message: "Use a string union or 'as const'." },
  {
    selector:
      'ExportDefaultDeclaration:not(:has(> CallExpression[callee.name=/^define(Strategy|Stopper)$/])):not(:has(> Identifier[name=/(strategy|stopper|plugin)$/i]))',
    message: 'Only a plugin object is a default export: defineStrategy(…), or a name that ends in Strategy, Stopper or Plugin.',
  },
];
const noDateOfNow = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time comes from the injected clock.' },
  { selector: "CallExpression[callee.name='Date']", message: 'Time comes from the injected clock.' },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '.nx/**', '.venv/**', 'docs/api/**', 'test-results/**', ...generated] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: sources,
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { house: { rules: { 'documented-exports': documentedExports } } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafeCalls: [{ from: 'package', name: ['test', 'it', 'describe'], package: 'vitest' }] }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { returns: false } }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...houseSyntax],
    },
  },
  {
    files: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'tools/*/src/**/*.ts'],
    ignores: tests,
    rules: {
      'house/documented-exports': 'error',
      'max-lines': ['error', { max: 400 }],
    },
  },
  {
    files: replayable,
    ignores: [...tests, '**/src/testing/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...noClockOrChance,
        ...approximated.map((property) => ({
          object: 'Math',
          property,
          message: "Its last bit differs between engines, and replay compares bits: take core's own.",
        })),
      ],
      'no-restricted-globals': ['error', ...noTimers, 'setImmediate', 'queueMicrotask', 'performance', 'crypto', 'process', 'fetch'],
      'no-restricted-syntax': [
        'error',
        ...houseSyntax,
        ...noDateOfNow,
        // Powers of two with whole exponents, 2 ** 32 or 2 ** -bits, are exact; give 2 ** no other.
        {
          selector: "BinaryExpression[operator='**']:not([left.value=2])",
          message: "Its last bit differs between engines: take core's own power.",
        },
        { selector: "AssignmentExpression[operator='**=']", message: "Its last bit differs between engines: take core's own power." },
      ],
    },
  },
  {
    files: ports,
    ignores: [...tests, '**/src/testing/**', ...portImplementations],
    rules: {
      'no-restricted-properties': [
        'error',
        ...noClockOrChance,
        ...['transactionSync', 'putSync', 'removeSync'].map((property) => ({
          property,
          message: 'It blocks the event loop for a whole disk sync: use the asynchronous transaction.',
        })),
      ],
      'no-restricted-globals': ['error', ...noTimers],
      'no-restricted-imports': ['error', noClockOrChanceImports],
      'no-restricted-syntax': ['error', ...houseSyntax, ...noDateOfNow],
    },
  },
);
