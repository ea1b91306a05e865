import { isParamoError } from '@paramo/core';
import { ImportRequest, ReportRequest, TrialServiceService } from '../gen/paramo/v1/trial_service.js';
import { bulkyText, ensure, equal, eventually, failure, gate, mailbox, mostInFlight, settled } from './case-steps.js';
import { echo, echoed, imported, imports, mismatch, replies, reports, unending, within } from './toy-services.js';
import type { Toy } from './toy-services.js';
import type { TransportCase } from './transport-case.js';

const { import: importTrials, report } = TrialServiceService;

/** What a transport must do with streams of requests, answered once or by a stream. */
export const requestStreamCases: readonly TransportCase[] = [
  {
    name: 'a client stream arrives in order and is answered after its end',
    run: (open) =>
      within(
        open,
        {
          async import(requests) {
            const origins: string[] = [];
            for await (const { originId } of requests) origins.push(originId);
            ensure(origins.every((origin, i) => origin === String(i)), 'requests came out of order');
            return imported(origins.length);
          },
        },
        async (transport) => equal((await transport.clientStream(importTrials, imports(500))).added, 500n),
      ),
  },
  {
    name: 'an error of a client stream reaches the caller before its end, and gives the requests back',
    run: async (open) => {
      const returned = gate();
      const handlers: Toy = {
        async import(requests) {
          for await (const _ of requests) throw mismatch();
          return imported(0);
        },
      };
      await within(open, handlers, async (transport) => {
        await failure(transport.clientStream(importTrials, unending(returned.open)), 'STUDY_MISMATCH');
        await eventually(returned.opened, 'the stream of requests to be returned');
      });
    },
  },
  {
    name: 'a caller whose requests throw ends the stream of the handler with an error',
    run: async (open) => {
      const begun = gate();
      const broken = gate();
      const handlers: Toy = {
        async import(requests) {
          try {
            for await (const _ of requests) begun.open();
          } catch (error) {
            ensure(isParamoError(error), 'the handler was thrown no ParamoError');
            broken.open();
            throw error;
          }
          return imported(0);
        },
      };
      const requests = async function* (): AsyncGenerator<ImportRequest> {
        yield* imports(2);
        // Before that the call may be given up without the handler ever hearing of it.
        await begun.opened;
        throw mismatch();
      };
      await within(open, handlers, async (transport) => {
        await failure(transport.clientStream(importTrials, requests()));
        await eventually(broken.opened, 'the handler to see the stream broken');
      });
    },
  },
  {
    name: 'a slow handler holds back the producer of a client stream',
    run: async (open) => {
      let produced = 0;
      const counted = gate();
      const handlers: Toy = {
        async import(requests) {
          let taken = 0;
          for await (const _ of requests) if (++taken === 3) await counted.opened;
          return imported(taken);
        },
      };
      const total = 3 * mostInFlight;
      const requests = async function* (): AsyncGenerator<ImportRequest> {
        for (; produced < total; produced++) yield { ...ImportRequest.create(), originId: bulkyText };
      };
      await within(open, handlers, async (transport) => {
        const call = transport.clientStream(importTrials, requests());
        await settled(() => produced);
        const seen = produced;
        counted.open();
        equal((await call).added, BigInt(total));
        ensure(seen <= mostInFlight, `${seen} messages were made while 3 were taken`);
      });
    },
  },
  {
    name: 'a duplex call interleaves requests and responses',
    run: (open) =>
      within(open, { report: echo }, async (transport) => {
        const writers = mailbox<ReportRequest>();
        const responses = transport.duplex(report, writers.messages)[Symbol.asyncIterator]();
        for (let i = 1; i <= 20; i++) {
          writers.post({ ...ReportRequest.create(), writerId: String(i) });
          equal(echoed(await eventually(responses.next(), `echo ${i}`)), String(i));
        }
        writers.end();
        equal((await eventually(responses.next(), 'the end')).done, true);
      }),
  },
  {
    name: 'after the half-close of the client a duplex handler may still answer',
    run: (open) =>
      within(
        open,
        {
          async *report(requests) {
            let count = 0;
            for await (const _ of requests) count++;
            yield* replies(String(count), 'after');
          },
        },
        async (transport) => {
          const seen: (string | undefined)[] = [];
          for await (const response of transport.duplex(report, reports(3))) seen.push(response.updates[0]?.reason);
          equal(seen, ['3', 'after']);
        },
      ),
  },
  {
    name: 'a duplex handler that ends first ends the call and gives the requests back',
    run: async (open) => {
      const returned = gate();
      await within(open, { report: () => replies('bye') }, async (transport) => {
        const requests = mailbox<ReportRequest>(returned.open);
        requests.post(ReportRequest.create());
        const seen: (string | undefined)[] = [];
        const read = async (): Promise<void> => {
          for await (const response of transport.duplex(report, requests.messages)) seen.push(response.updates[0]?.reason);
        };
        await eventually(read(), 'the end of the responses');
        equal(seen, ['bye']);
        await eventually(returned.opened, 'the stream of requests to be returned');
      });
    },
  },
  {
    name: 'a consumer that leaves a duplex call ends the requests of the handler with an error',
    run: async (open) => {
      const broken = gate();
      const handlers: Toy = {
        async *report(requests) {
          // Beside the responses: a generator that was left stands still at its yield.
          const reading = (async () => {
            for await (const _ of requests) continue;
          })().catch((error: unknown) => {
            if (isParamoError(error)) broken.open();
          });
          yield* replies('hello');
          await reading;
        },
      };
      await within(open, handlers, async (transport) => {
        const requests = mailbox<ReportRequest>();
        for await (const _ of transport.duplex(report, requests.messages)) break;
        await eventually(broken.opened, 'the handler to see the caller gone');
      });
    },
  },
];
