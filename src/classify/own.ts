/** Firebreak's own files, by their paths: its state, vault, config and policies, and the files in which hosts keep their hooks. */
import { normal } from './shell/paths.ts'

/** By the end of the path, in small letters: the same file is reached from many places. */
const own =
  /(^|\/)(\.firebreak|firebreak-vault)(\/|$)|(^|\/)\.config\/firebreak(\/|$)|(^|\/)firebreak\.ya?ml$|[^/]\.(guard|hold|loosen)\.cedar$|(^|\/)node_modules\/firebreak(\/|$)|(^|\/)bin\/firebreak$|(^|\/)firebreak\/dist\/(hook|\.cache|src\/)|(^|\/)hook(-judge)?\.cjs$|(^|\/)\.?cursor\/hooks\.json$|(^|\/)\.claude\/settings(\.local)?\.json$|(^|\/)(claude-code|claudecode)\/managed-settings\.json$|(^|\/)\.codex\/(hooks\.json|config\.toml|requirements\.toml)$|(^|\/)\.gemini\/settings\.json$|(^|\/)\.github\/hooks\/[^/]+\.json$|(^|\/)\.copilot\/hooks\/|(^|\/)\.copilot\/(settings|config)\.json$|(^|\/)\.github\/copilot\/settings(\.local)?\.json$|(^|\/)\.gemini\/trustedfolders\.json$|(^|\/)opencode\.jsonc?$|(^|\/)\.?opencode\/plugins?\/|(^|\/)\.?windsurf\/hooks\.json$|(^|\/)\.kiro\/(hooks|agents)\/[^/]+$/

/** True for a file that no agent writes. */
export function isOwn(path: string): boolean {
  return namesOf(path).some((one) => own.test(one))
}

/** True for what lies in the state or the vault, and for keys: no agent reads it either. */
export function isState(path: string): boolean {
  return namesOf(path).some((one) =>
    /(^|\/)(\.firebreak|firebreak-vault|\.config\/firebreak)(\/|$)/.test(one),
  )
}

/** How it is compared: in small letters, and each likely path that a pattern in it stands for. */
export function namesOf(path: string): readonly string[] {
  const one = normal(path.replaceAll('\\', '/')).toLowerCase()
  return [one, ...byPattern(one)]
}

/** What lies in most places, to hold a pattern against: `.cur*\/hook*`. */
const likely = [
  '.cursor/hooks.json',
  '.claude/settings.json',
  '.claude/settings.local.json',
  '.codex/hooks.json',
  '.codex/config.toml',
  '.gemini/settings.json',
  '.github/hooks/firebreak.json',
  '.windsurf/hooks.json',
  '.kiro/hooks/firebreak.json',
  '.opencode/plugin/firebreak.ts',
  '.firebreak/state.db',
  'firebreak.yaml',
]

/** The likely paths, or folders above them, that a pattern stands for; one that stands for everything is judged elsewhere. */
function byPattern(path: string): readonly string[] {
  if (!/[*?[]/.test(path) || !/[a-z]{3}/.test(path)) return []
  const parts = path.split('/').slice(-3)
  return likely.flatMap((one) => {
    const all = one.split('/')
    const ends = all.map((_, nth) => all.slice(0, nth + 1))
    return ends.filter((end) => fitsEnd(parts, end)).map((end) => end.join('/'))
  })
}

function fitsEnd(parts: readonly string[], end: readonly string[]): boolean {
  const given = parts.slice(-end.length)
  const [first = ''] = given
  // `dist/*`, `k8s/*.yaml`: in a folder that is none of these, by a pattern that says nothing of them.
  const isBelow = end.length === 1 && parts.length > 1 && !/^\.?[a-z]/.test(first)
  const saysNothing = isBelow || !given.some((part) => /[a-z]{3}/.test(part))
  return (
    !saysNothing &&
    given.length === end.length &&
    end.every((name, nth) => globOf(given[nth] ?? '').test(name))
  )
}

function globOf(part: string): RegExp {
  const text = part
    .replaceAll(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  try {
    return new RegExp(`^${text}$`)
  } catch {
    // A bracket that is none: it stands for itself.
    return /(?!)/
  }
}
