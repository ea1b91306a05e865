import type { Metadata } from '@grpc/grpc-js';
import { toServiceError } from '@paramo/protocol';

/** What a failed call ends with. */
export interface FailureStatus {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** Anything thrown, as the status and trailers of a call. */
export function failureStatus(thrown: unknown): FailureStatus {
  const { code, details, metadata } = toServiceError(thrown);
  // grpc-js percent-encodes the text outside any try: half a surrogate pair there would end the process.
  return { code, details: Buffer.from(details).toString(), metadata };
}
