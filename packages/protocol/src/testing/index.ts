// For tests of clients, services and transports.
export { createLocalTransport } from './local-transport.js';
export { transportCases } from './transport-cases.js';
export type { OpenTransport, TransportCase } from './transport-case.js';
