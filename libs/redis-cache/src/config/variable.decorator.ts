import { IsOptional, ValidateBy } from 'class-validator';
import { describeGiven } from '../core/common/index.js';

interface VariableRule {
  /** Ends the sentence "NAME: expected …". */
  readonly expected: string;
  readonly accepts: (text: string) => boolean;
}

/** An environment variable that may be missing, and what it must look like when it is there. */
export function Variable({ expected, accepts }: VariableRule): PropertyDecorator {
  const validate = ValidateBy({
    name: 'variable',
    validator: {
      validate: (text: unknown) => typeof text === 'string' && accepts(text),
      defaultMessage: (args) =>
        `${args!.property}: expected ${expected}, got ${describeGiven(args!.property, args!.value as unknown)}.`,
    },
  });
  return (target, property) => {
    IsOptional()(target, property);
    validate(target, property);
  };
}

/** Turns a check that throws into one that answers. */
export function passes(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
