import { defineScript, type Script } from '../../libs/redis-cache/src/core/scripts/index.js';
import { lua } from '../../libs/redis-cache/src/cache/lua/index.js';

/** A text of one of the project's scripts, and what stands in its place. */
export interface Replacement {
  readonly script: keyof typeof lua;
  readonly text: string;
  readonly by: string;
}

export type AnyScript = Script<string, string, unknown>;

/** The project's scripts, with some texts replaced. */
export class LuaVariant {
  private readonly texts = new Map<string, string>();
  private readonly scripts = new Map<string, AnyScript>();

  constructor(replacements: readonly Replacement[] = []) {
    for (const { script, text, by } of replacements) {
      const before = this.texts.get(script) ?? lua[script];
      const found = before.split(text).length - 1;
      if (found !== 1) throw new Error(`${script}.lua has ${found} times the text that is to be replaced: ${text}`);
      this.texts.set(
        script,
        before.replace(text, () => by),
      );
    }
  }

  of(script: AnyScript): AnyScript {
    const known = this.scripts.get(script.name);
    if (known !== undefined) return known;
    const text = this.texts.get(script.name);
    const variant = text === undefined ? script : defineScript({ ...script, lua: text });
    this.scripts.set(script.name, variant);
    return variant;
  }
}
