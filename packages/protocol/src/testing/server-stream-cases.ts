import { StudyServiceService, WatchResponse } from '../gen/paramo/v1/study_service.js';
import { bulkyText, ensure, equal, eventually, failure, gate, mostInFlight, settled } from './case-steps.js';
import { collect, heads, mismatch, watching, within } from './toy-services.js';
import type { Toy } from './toy-services.js';
import type { TransportCase } from './transport-case.js';

const { watch } = StudyServiceService;

/** What a transport must do with streams of responses. */
export const serverStreamCases: readonly TransportCase[] = [
  {
    name: 'a server stream arrives in order and ends',
    run: (open) =>
      within(open, { watch: () => heads(500) }, async (transport) => {
        equal(await collect(transport.serverStream(watch, watching())), Array.from({ length: 500 }, (_, i) => i));
      }),
  },
  {
    name: 'a consumer that leaves a server stream aborts the handler',
    run: async (open) => {
      const aborted = gate();
      const handlers: Toy = {
        async *watch(_, { signal }) {
          signal.addEventListener('abort', aborted.open);
          yield* heads(3);
          await aborted.opened;
        },
      };
      await within(open, handlers, async (transport) => {
        for await (const { head } of transport.serverStream(watch, watching())) if (head === 1n) break;
        await eventually(aborted.opened, 'the handler to be aborted');
      });
    },
  },
  {
    name: 'a signal ends a server stream that waits for its next message',
    run: async (open) => {
      const aborted = gate();
      const handlers: Toy = {
        async *watch(_, { signal }) {
          signal.addEventListener('abort', aborted.open);
          yield* heads(1);
          await aborted.opened;
        },
      };
      await within(open, handlers, async (transport) => {
        const controller = new AbortController();
        const iterator = transport.serverStream(watch, watching(), { signal: controller.signal })[Symbol.asyncIterator]();
        await iterator.next();
        const waiting = failure(iterator.next(), 'ABORTED');
        controller.abort();
        await waiting;
        await eventually(aborted.opened, 'the handler to be aborted');
      });
    },
  },
  {
    name: 'an error in the middle of a server stream reaches the consumer after what came before',
    run: (open) =>
      within(
        open,
        {
          async *watch() {
            yield* heads(3);
            throw mismatch();
          },
        },
        async (transport) => {
          const seen: number[] = [];
          const read = (async () => {
            for await (const { head } of transport.serverStream(watch, watching())) seen.push(Number(head));
          })();
          const error = await failure(read, 'STUDY_MISMATCH');
          equal([seen, error.hint], [[0, 1, 2], mismatch().hint]);
        },
      ),
  },
  {
    name: 'a slow consumer holds back the producer of a server stream',
    run: async (open) => {
      let produced = 0;
      const handlers: Toy = {
        async *watch() {
          for (; produced < 20 * mostInFlight; produced++) yield { ...WatchResponse.create(), events: [{ position: 1n, wallMs: 0n, kind: { $case: 'studyOpened', value: { reason: bulkyText } } }] };
        },
      };
      await within(open, handlers, async (transport) => {
        let consumed = 0;
        for await (const _ of transport.serverStream(watch, watching())) {
          if (++consumed === 3) await settled(() => produced);
          if (consumed === 3) ensure(produced - consumed <= mostInFlight, `${produced} messages were made while 3 were taken`);
          if (consumed === 600) break;
        }
        equal(consumed, 600);
      });
    },
  },
];
