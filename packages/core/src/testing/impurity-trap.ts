import { ConformanceFailure } from './conformance-case.js';

const traps: readonly { readonly owner: object; readonly name: string; readonly instead: string }[] = [
  { owner: Math, name: 'random', instead: 'context.random(...key)' },
  { owner: Date, name: 'now', instead: 'the events, which carry no times on purpose' },
  { owner: performance, name: 'now', instead: 'the events, which carry no times on purpose' },
];

/**
 * Runs `action` with `Math.random`, `Date.now` and `performance.now` refusing to answer, and puts them back.
 * @throws ConformanceFailure naming the one that was called.
 */
export function trapImpurity<T>(action: () => T): T {
  const before = traps.map(({ owner, name }) => Object.getOwnPropertyDescriptor(owner, name));
  for (const { owner, name, instead } of traps) {
    const label = `${owner === Math ? 'Math' : owner === Date ? 'Date' : 'performance'}.${name}`;
    const value = (): never => {
      throw new ConformanceFailure(`the plugin called ${label}; a replay cannot repeat that. Use ${instead}.`);
    };
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  }
  try {
    return action();
  } finally {
    traps.forEach(({ owner, name }, i) => {
      const descriptor = before[i];
      if (descriptor) Object.defineProperty(owner, name, descriptor);
      else Reflect.deleteProperty(owner, name);
    });
  }
}
