import { refuse } from '../core/common/index.js';
import { callBack } from './callbacks.js';
import { KeyTemplate } from './key-template.js';
import type { MethodCall } from './method-plan.js';
import type { MethodSite } from './method-site.js';

/** Texts that depend on a call, and perhaps on its result: keys, patterns or tags. */
export type TextRule = (call: MethodCall, result?: unknown) => readonly string[];

export interface TextOption {
  readonly site: MethodSite;
  /** Such as `key`, or `[0].keys` for the first of several operations. */
  readonly name: string;
  readonly expects: 'a text' | 'an array of texts';
  /** What is done to values before they are put into a template. */
  readonly escape?: (text: string) => string;
}

type Callback = (...args: never[]) => unknown;

/** What a text, several texts or a function of the arguments in an option stand for. @throws InvalidOptionError */
export function textRule(option: TextOption, given: unknown): TextRule {
  const name = option.site.option(option.name);
  if (typeof given === 'function')
    return (call) => textsIn(option, callBack(name, given as Callback, { call, given: call.args }));
  const templates = textsIn(option, given).map((text) => KeyTemplate.parse(name, text));
  const { escape } = option;
  return ({ args }) =>
    templates.map((template) => template.fill(option.site.method, args, escape === undefined ? {} : { escape }));
}

/** What a function of the result, and then the arguments, stands for. @throws InvalidOptionError */
export function resultRule(option: TextOption, given: unknown): TextRule {
  const name = option.site.option(option.name);
  if (typeof given !== 'function') return refuse(name, 'a function of the result', given);
  return (call, result) => textsIn(option, callBack(name, given as Callback, { call, given: [result, ...call.args] }));
}

function textsIn({ site, name, expects }: TextOption, given: unknown): readonly string[] {
  const texts: unknown = expects === 'a text' ? [given] : given;
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return texts;
  return refuse(site.option(name), `${expects}, or a function that returns it`, given);
}
