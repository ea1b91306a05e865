import { bindService } from '../service-binding.js';
import { StudyServiceService } from '../gen/paramo/v1/study_service.js';
import { ensure, equal, eventually, failure, gate } from './case-steps.js';
import { answer, asking, collect, forever, hanging, mismatch, nameOf, studyId, watching, within } from './toy-services.js';
import type { Toy } from './toy-services.js';
import type { TransportCase } from './transport-case.js';

const { getStudy, watch } = StudyServiceService;

/** What a transport must do with calls of one request and one response, and when it is closed. */
export const unaryCases: readonly TransportCase[] = [
  {
    name: 'a unary call is answered',
    run: (open) =>
      within(open, { getStudy: async (request) => answer(nameOf(request)) }, async (transport) => {
        equal(studyId(await transport.unary(getStudy, asking('naïve 研究 🎛'))), 'naïve 研究 🎛');
      }),
  },
  {
    name: 'an error keeps code, message, hint and details',
    run: (open) =>
      within(open, { getStudy: () => Promise.reject(mismatch()) }, async (transport) => {
        const error = await failure(transport.unary(getStudy, asking('a')), 'STUDY_MISMATCH');
        equal([error.summary, error.hint, error.details], [mismatch().summary, mismatch().hint, mismatch().details]);
      }),
  },
  {
    name: 'an error that is not a ParamoError arrives as INTERNAL without a stack',
    run: (open) =>
      within(open, { getStudy: () => Promise.reject(new TypeError('x is undefined')) }, async (transport) => {
        const error = await failure(transport.unary(getStudy, asking('a')), 'INTERNAL');
        ensure(!`${error.message}${error.hint}${JSON.stringify(error.details)}`.includes('transport-cases'), 'the stack of the handler crossed the wire');
      }),
  },
  {
    name: 'a method without a handler is answered with DAEMON_VERSION',
    run: (open) =>
      within(open, {}, async (transport) => {
        await failure(transport.unary(getStudy, asking('a')), 'DAEMON_VERSION');
        await failure(collect(transport.serverStream(watch, watching())), 'DAEMON_VERSION');
      }),
  },
  {
    name: 'a call given up by its signal ends with ABORTED and aborts the handler',
    run: async (open) => {
      const handler = hanging();
      await within(open, { getStudy: (_, context) => handler.run(context) }, async (transport) => {
        const controller = new AbortController();
        const call = transport.unary(getStudy, asking('a'), { signal: controller.signal });
        const failed = failure(call, 'ABORTED');
        await handler.started;
        controller.abort();
        await failed;
        await eventually(handler.aborted, 'the handler to be aborted');
      });
    },
  },
  {
    name: 'a signal aborted before the call ends it with ABORTED',
    run: (open) =>
      within(open, { getStudy: async () => answer('a'), watch: () => forever() }, async (transport) => {
        const signal = AbortSignal.abort();
        await failure(transport.unary(getStudy, asking('a'), { signal }), 'ABORTED');
        await failure(collect(transport.serverStream(watch, watching(), { signal })), 'ABORTED');
      }),
  },
  {
    name: 'a call out of time ends with TIMEOUT and aborts the handler',
    run: async (open) => {
      const handler = hanging();
      await within(open, { getStudy: (_, context) => handler.run(context) }, async (transport) => {
        await failure(transport.unary(getStudy, asking('a'), { timeoutMs: 200 }), 'TIMEOUT');
        await eventually(handler.aborted, 'the handler to be aborted');
      });
    },
  },
  {
    name: 'two calls at once do not wait for each other',
    run: async (open) => {
      const second = gate();
      const handlers: Toy = {
        async getStudy(request) {
          if (nameOf(request) === 'first') await second.opened;
          else second.open();
          return answer(nameOf(request));
        },
      };
      await within(open, handlers, async (transport) => {
        const calls = [transport.unary(getStudy, asking('first')), transport.unary(getStudy, asking('second'))];
        equal((await eventually(Promise.all(calls), 'both answers')).map(studyId), ['first', 'second']);
      });
    },
  },
  {
    name: 'a message of 500 KB arrives whole, both ways',
    run: (open) =>
      within(open, { getStudy: async (request) => answer(nameOf(request)) }, async (transport) => {
        const big = 'ab'.repeat(250_000);
        ensure(studyId(await transport.unary(getStudy, asking(big))) === big, 'the text came back changed');
      }),
  },
  {
    name: 'close ends pending calls with a ParamoError and refuses later ones',
    run: async (open) => {
      const handler = hanging();
      const transport = await open([bindService(StudyServiceService, { getStudy: (_, context) => handler.run(context), watch: () => forever() })]);
      const pending = [failure(transport.unary(getStudy, asking('a'))), failure(collect(transport.serverStream(watch, watching())))];
      await handler.started;
      await eventually(transport.close(), 'close');
      await eventually(Promise.all(pending), 'pending calls to end');
      await failure(transport.unary(getStudy, asking('a')));
      await failure(collect(transport.serverStream(watch, watching())));
      await transport.close();
    },
  },
];
