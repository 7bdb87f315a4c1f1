import { IsOptional, ValidateBy } from 'class-validator';
import { describeGiven } from '../core/common/index.js';

interface VariableRule {
  /** Follows "NAME: expected". */
  readonly expected: string | ((text: unknown) => string);
  readonly accepts: (text: string) => boolean;
  /** What follows "got", where that is not the text itself. */
  readonly got?: (text: string) => string | undefined;
}

/** An environment variable that may be missing, and what it must look like when it is there. */
export function Variable({ expected, accepts, got }: VariableRule): PropertyDecorator {
  const refusal = (name: string, given: unknown): string => {
    const accepted = typeof expected === 'string' ? expected : expected(given);
    const told = (typeof given === 'string' ? got?.(given) : undefined) ?? describeGiven(name, given);
    return `${name}: expected ${accepted}, got ${told}.`;
  };
  const validate = ValidateBy({
    name: 'variable',
    validator: {
      validate: (text: unknown) => typeof text === 'string' && accepts(text),
      defaultMessage: (args) => refusal(args!.property, args!.value),
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
