export { InvalidateOn, type InvalidationOnEvent } from './invalidate-on.decorator.js';
