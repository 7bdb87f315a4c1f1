export { EventBus, type EventMessage } from './event-bus.js';
