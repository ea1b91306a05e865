import { ParamoError } from '@paramo/core';
import { GetStudyResponse, StudyServiceService } from '../gen/paramo/v1/study_service.js';
import type { GetStudyRequest, WatchRequest, WatchResponse } from '../gen/paramo/v1/study_service.js';
import { ImportRequest, ReportRequest, ReportResponse, TrialServiceService } from '../gen/paramo/v1/trial_service.js';
import type { ImportResponse } from '../gen/paramo/v1/trial_service.js';
import { bindService } from '../service-binding.js';
import type { CallContext } from '../service-binding.js';
import type { Transport } from '../transport.js';
import { gate, pause } from './case-steps.js';
import type { OpenTransport } from './transport-case.js';

/** The handlers a case may give; all others are left out. */
export interface Toy {
  getStudy?(request: GetStudyRequest, context: CallContext): Promise<GetStudyResponse>;
  watch?(request: WatchRequest, context: CallContext): AsyncIterable<WatchResponse>;
  import?(requests: AsyncIterable<ImportRequest>, context: CallContext): Promise<ImportResponse>;
  report?(requests: AsyncIterable<ReportRequest>, context: CallContext): AsyncIterable<ReportResponse>;
}

/** Opens a transport to services with these handlers, runs the case and closes it. */
export async function within(open: OpenTransport, { getStudy: get, watch: follow, import: add, report: talk }: Toy, run: (transport: Transport) => Promise<void>): Promise<void> {
  const transport = await open([
    bindService(StudyServiceService, { ...(get && { getStudy: get }), ...(follow && { watch: follow }) }),
    bindService(TrialServiceService, { ...(add && { import: add }), ...(talk && { report: talk }) }),
  ]);
  try {
    await run(transport);
  } finally {
    await transport.close();
  }
}

/** An error with all its parts, some of them not ASCII. */
export function mismatch(): ParamoError {
  return new ParamoError({ code: 'STUDY_MISMATCH', message: 'study "größe" has opt in [adam, sgd]', hint: 'Give another name.', details: { parameter: 'opt', at: [1, 2] } });
}

/** A request that carries `name`. */
export function asking(name: string): GetStudyRequest {
  return { key: { $case: 'name', value: name } };
}

/** What `asking` put in. */
export function nameOf({ key }: GetStudyRequest): string {
  return key?.value ?? '';
}

/** A response that carries `id`. */
export function answer(id: string): GetStudyResponse {
  return GetStudyResponse.fromPartial({ study: { studyId: id } });
}

/** What `answer` put in. */
export function studyId({ study }: GetStudyResponse): string | undefined {
  return study?.studyId;
}

/** Some request for `watch`. */
export function watching(): WatchRequest {
  return { studyId: 's', after: 0n, untilHead: false };
}

/** Responses 0 … count − 1. */
export async function* heads(count: number): AsyncGenerator<WatchResponse> {
  for (let i = 0; i < count; i++) yield { events: [], head: BigInt(i) };
}

/** A stream that neither yields nor ends. */
export async function* forever(): AsyncGenerator<never> {
  await new Promise(() => undefined);
}

/** The numbers that `heads` put in. */
export async function collect(responses: AsyncIterable<WatchResponse>): Promise<number[]> {
  const seen: number[] = [];
  for await (const { head } of responses) seen.push(Number(head));
  return seen;
}

/** Requests 0 … count − 1. */
export async function* imports(count: number): AsyncGenerator<ImportRequest> {
  for (let i = 0; i < count; i++) yield { ...ImportRequest.create(), originId: String(i) };
}

/** Requests without end; `onReturn` is called when they are given back. */
export async function* unending(onReturn: () => void): AsyncGenerator<ImportRequest> {
  try {
    for (;;) {
      yield ImportRequest.create();
      await pause(1);
    }
  } finally {
    onReturn();
  }
}

/** A response that carries `count`. */
export function imported(count: number): ImportResponse {
  return { added: BigInt(count), skipped: 0n, firstNumber: undefined };
}

/** `count` requests that say nothing. */
export async function* reports(count: number): AsyncGenerator<ReportRequest> {
  for (let i = 0; i < count; i++) yield ReportRequest.create();
}

/** One response for each text. */
export async function* replies(...reasons: readonly string[]): AsyncGenerator<ReportResponse> {
  for (const reason of reasons) yield ReportResponse.fromPartial({ updates: [{ reason }] });
}

/** A duplex handler that answers each request with its writer's id. */
export async function* echo(requests: AsyncIterable<ReportRequest>): AsyncGenerator<ReportResponse> {
  for await (const { writerId } of requests) yield* replies(writerId);
}

/** What `echo` put in. */
export function echoed(result: IteratorResult<ReportResponse>): string | undefined {
  return result.done ? undefined : result.value.updates[0]?.reason;
}

/** A handler that answers only when it is aborted. */
export function hanging(): { run(context: CallContext): Promise<never>; readonly started: Promise<void>; readonly aborted: Promise<void> } {
  const started = gate();
  const aborted = gate();
  return {
    started: started.opened,
    aborted: aborted.opened,
    run({ signal }) {
      started.open();
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          aborted.open();
          reject(new ParamoError({ code: 'ABORTED', message: 'the caller went away' }));
        });
      });
    },
  };
}
