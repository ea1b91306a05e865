import { BinaryReader } from '@bufbuild/protobuf/wire';
import { ReportRequest } from './gen/paramo/v1/trial_service.js';

/** A message whose 64-bit numbers are numbers where these are exact, else bigints. */
export type Numeric<T> = T extends bigint ? number | bigint : T extends Uint8Array ? T : T extends object ? { [Key in keyof T]: Numeric<T[Key]> } : T;

/**
 * Reads the message that carries points. Steps and times come by the million, and reading, checking and converting
 * them takes half the time that it takes with bigints. Exactly what `ReportRequest.decode` reads but for that.
 */
export function readReport(bytes: Uint8Array): Numeric<ReportRequest> {
  return ReportRequest.decode(new NumberReader(bytes));
}

/** Varints of up to seven bytes, which are below 2^49, are read as numbers. */
class NumberReader extends BinaryReader {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super(bytes);
    this.#bytes = bytes;
  }

  // The generated code only hands on what it gets; `Numeric` says what it is.
  override uint64(): bigint {
    return (this.#number() ?? super.uint64()) as bigint;
  }

  override int64(): bigint {
    return (this.#number() ?? super.int64()) as bigint;
  }

  #number(): number | undefined {
    const begin = this.pos;
    let value = 0;
    for (let scale = 1; scale < 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.pos++];
      if (byte === undefined) break;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    this.pos = begin;
    return undefined;
  }
}
