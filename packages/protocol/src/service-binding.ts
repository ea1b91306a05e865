import type { MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';

/** What a handler knows of its caller. */
export interface CallContext {
  /** Aborted when the caller goes away, gives up or runs out of time; and when the call is over. */
  readonly signal: AbortSignal;
  /** The caller's address in words, for logs. */
  readonly peer: string;
}

/** Answers one request with one response. */
export type UnaryHandler<Req, Res> = (request: Req, context: CallContext) => Promise<Res>;

/** Answers one request with a stream of responses; the iterator is returned when the caller leaves early. */
export type ServerStreamHandler<Req, Res> = (request: Req, context: CallContext) => AsyncIterable<Res>;

/** Answers a stream of requests, which ends at the caller's half-close and throws a ParamoError when the caller goes away. */
export type ClientStreamHandler<Req, Res> = (requests: AsyncIterable<Req>, context: CallContext) => Promise<Res>;

/** Answers a stream of requests with a stream of responses. */
export type DuplexHandler<Req, Res> = (requests: AsyncIterable<Req>, context: CallContext) => AsyncIterable<Res>;

/** The request of one entry of a generated service definition. */
type RequestOf<Method> = Method extends { readonly requestSerialize: (value: infer Req) => Buffer } ? Req : never;

/** The response of one entry of a generated service definition. */
type ResponseOf<Method> = Method extends { readonly responseSerialize: (value: infer Res) => Buffer } ? Res : never;

type HandlerOf<Method> = Method extends { readonly requestStream: false; readonly responseStream: false }
  ? UnaryHandler<RequestOf<Method>, ResponseOf<Method>>
  : Method extends { readonly requestStream: false; readonly responseStream: true }
    ? ServerStreamHandler<RequestOf<Method>, ResponseOf<Method>>
    : Method extends { readonly requestStream: true; readonly responseStream: false }
      ? ClientStreamHandler<RequestOf<Method>, ResponseOf<Method>>
      : DuplexHandler<RequestOf<Method>, ResponseOf<Method>>;

/** The handlers of a generated service definition, by method: `ServiceHandlers<typeof TrialServiceService>`. */
export type ServiceHandlers<Definition> = { readonly [Name in keyof Definition]: HandlerOf<Definition[Name]> };

/** A method with the handler that answers it, told apart by `kind`. */
export type BoundMethod =
  | { readonly kind: 'unary'; readonly name: string; readonly definition: MethodDefinition<unknown, unknown>; readonly handle: UnaryHandler<unknown, unknown> }
  | { readonly kind: 'serverStream'; readonly name: string; readonly definition: MethodDefinition<unknown, unknown>; readonly handle: ServerStreamHandler<unknown, unknown> }
  | { readonly kind: 'clientStream'; readonly name: string; readonly definition: MethodDefinition<unknown, unknown>; readonly handle: ClientStreamHandler<unknown, unknown> }
  | { readonly kind: 'duplex'; readonly name: string; readonly definition: MethodDefinition<unknown, unknown>; readonly handle: DuplexHandler<unknown, unknown> };

/** A service with its handlers, ready to be served by any transport. */
export interface ServiceBinding {
  /** The definition as given, for servers that register it whole. */
  readonly definition: ServiceDefinition;
  /** One entry for each method that has a handler. Callers of another one are told so. */
  readonly methods: readonly BoundMethod[];
}

/**
 * Binds `handlers` to a generated service definition such as `TrialServiceService`. A method left out is answered with
 * DAEMON_VERSION; annotate the handlers as `ServiceHandlers<typeof TrialServiceService>` to have the compiler ask for all.
 */
export function bindService<Definition extends ServiceDefinition>(definition: Definition, handlers: Partial<ServiceHandlers<Definition>>): ServiceBinding {
  const methods: BoundMethod[] = [];
  for (const [name, method] of Object.entries(definition)) {
    const handler: unknown = handlers[name as keyof Definition];
    if (typeof handler !== 'function') continue;
    const kind = method.requestStream ? (method.responseStream ? 'duplex' : 'clientStream') : method.responseStream ? 'serverStream' : 'unary';
    // `HandlerOf` above derived the handler's type from the same two flags.
    methods.push({ kind, name, definition: method, handle: handler.bind(handlers) } as unknown as BoundMethod);
  }
  return { definition, methods };
}
