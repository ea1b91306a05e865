/** `convert` applied to what is there; absent stays absent. */
export function optional<From, To>(value: From | undefined, convert: (value: From) => To): To | undefined {
  return value === undefined ? undefined : convert(value);
}

/** What a record may be built from: its optional fields given as undefined. */
type Loose<T> = { [Name in keyof T]: Record<never, never> extends Pick<T, Name> ? T[Name] | undefined : T[Name] };

/** A record without the fields that are undefined. Names are copied as they are, `__proto__` too. */
export function record<T extends object>(fields: Loose<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
