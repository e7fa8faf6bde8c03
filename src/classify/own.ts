/** Firebreak's own files, by their paths: its state, vault, config and policies, and the files in which hosts keep their hooks. */
import { normal } from './shell/paths.ts'

/** By the end of the path, in small letters: the same file is reached from many places. */
const own =
  /(^|\/)(\.firebreak|firebreak-vault)(\/|$)|(^|\/)firebreak\.ya?ml$|[^/]\.(guard|hold|loosen)\.cedar$|(^|\/)node_modules\/firebreak(\/|$)|(^|\/)\.?cursor\/hooks\.json$|(^|\/)\.claude\/settings(\.local)?\.json$|(^|\/)(claude-code|claudecode)\/managed-settings\.json$|(^|\/)\.codex\/(hooks\.json|config\.toml|requirements\.toml)$|(^|\/)\.gemini\/settings\.json$|(^|\/)\.github\/hooks\/[^/]+\.json$|(^|\/)\.copilot\/hooks\/|(^|\/)opencode\.jsonc?$|(^|\/)\.?opencode\/plugins?\/|(^|\/)\.?windsurf\/hooks\.json$|(^|\/)\.kiro\/(hooks|agents)\/[^/]+$/

/** True for a file that no agent writes. */
export function isOwn(path: string): boolean {
  return own.test(normal(path).toLowerCase())
}

/** True for what lies in the state or the vault, where the key is: no agent reads it either. */
export function isState(path: string): boolean {
  return /(^|\/)(\.firebreak|firebreak-vault)(\/|$)/.test(normal(path).toLowerCase())
}
