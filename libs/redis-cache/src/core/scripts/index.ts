export {
  defineScript,
  type RawReply,
  type Script,
  type ScriptArgument,
  type ScriptDefinition,
} from './define-script.js';
export { runScript, type ScriptClient } from './run-script.js';
