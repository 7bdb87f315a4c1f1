import { types } from 'node:util';
import type { ClassRegistry } from '../class-registry.js';
import { defineField } from './container.kinds.js';
import { fillHiddenFields, hiddenFieldsOf } from './error.kind.js';
import type { Kind } from './kind.js';

type Fields = Record<string, unknown>;
type InstanceData = [name: string, fields: Fields, hidden?: Fields];

/** Instances of registered classes: their own fields, revived on their prototype. The constructor does not run. */
export function instanceKind(registry: ClassRegistry): Kind {
  return {
    name: 'Class',
    matches: (value) => registry.prototypeOf(registry.nameOf(value)) !== undefined,
    encode: (instance: object, encodePart): InstanceData => {
      const name = registry.nameOf(instance)!;
      const fields = encodePart({ ...instance }, '') as Fields;
      return types.isNativeError(instance)
        ? [name, fields, encodePart(hiddenFieldsOf(instance), '') as Fields]
        : [name, fields];
    },
    create: ([name]: InstanceData) => Object.create(registry.prototypeOf(name) ?? unknownClass(name)) as object,
    fill: (instance: object, [, fields, hidden]: InstanceData, revivePart) => {
      const own = revivePart(fields) as Fields;
      for (const key of Object.keys(own)) defineField(instance, key, own[key]);
      if (hidden !== undefined) fillHiddenFields(instance, revivePart(hidden) as Fields, (part) => part);
    },
  };
}

/** Instances of classes registered with an `encode` and a `decode` of their own. */
export function customClassKind(registry: ClassRegistry): Kind {
  return {
    name: 'CustomClass',
    matches: (value) => registry.codecOf(registry.nameOf(value)) !== undefined,
    encode: (instance: object, encodePart) => {
      const name = registry.nameOf(instance)!;
      return [name, encodePart(registry.codecOf(name)!.encode(instance), '.encode()')];
    },
    create: ([name, data]: [string, unknown], revivePart) =>
      (registry.codecOf(name) ?? unknownClass(name)).decode(revivePart(data)),
  };
}

function unknownClass(name: string): never {
  throw new TypeError(`the class ${name} is not registered here.`);
}
