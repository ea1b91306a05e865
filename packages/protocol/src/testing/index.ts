export { createLocalTransport } from './local-transport.js';
