/** A host whose files are JSON: made of what is special about it. */
import { join, relative, isAbsolute } from 'node:path'
import type { JsonObject } from '../../base/json.ts'
import type {
  Fired,
  FileChange,
  FileRemoval,
  Host,
  HookCommand,
  Installed,
  McpServer,
  Place,
  Scope,
} from './host.ts'
import { hooksIn, withHooks, withoutHooks } from './hook-list.ts'
import type { Found, HookForm, Wanted } from './hook-list.ts'
import { withRoute } from './mcp-entry.ts'
import type { McpForm } from './mcp-entry.ts'
import { serversIn } from './mcp-read.ts'
import type { McpFile } from './mcp-read.ts'
import { broken } from './json-text.ts'
import { hasProgram } from './place.ts'

export interface HookFile {
  readonly path: string
  readonly scope: Scope
  /** False for a file in which we find our hooks, and put none. */
  readonly isWritten: boolean
  readonly form: HookForm
  readonly wanted: (command: HookCommand) => Wanted
}

export interface JsonHost {
  readonly name: string
  readonly title: string
  readonly scopes: readonly Scope[]
  /** Paths that show that it is used, and names of its programs. */
  readonly signs: (place: Place) => readonly string[]
  readonly programs: readonly string[]
  readonly files: (place: Place) => readonly HookFile[]
  /** Why the host would take none of this file, as it stands; null where it would. */
  readonly flaw: (text: string) => string | null
  /** As `Host` has it. */
  readonly silenced: Host['silenced']
  readonly fired: (
    found: Found,
    file: HookFile,
  ) => Pick<Installed, 'fires' | 'waitsMs' | 'failsClosed'>
  readonly mcpFiles: (place: Place) => readonly McpFile[]
  readonly mcp: McpForm
}

export function jsonHost(own: JsonHost): Host {
  return {
    name: own.name,
    title: own.title,
    scopes: own.scopes,
    isUsed: (place) =>
      own.signs(place).some((path) => place.exists(path)) || hasProgram(place, own.programs),
    hooks: (place, command, scope = own.scopes[0]) =>
      own
        .files(place)
        .filter((file) => file.isWritten && file.scope === scope)
        .flatMap((file) => hooked(own, place, file, command)),
    unhooked: (place) => own.files(place).flatMap((file) => unhooked(place, file)),
    installed: (place) => own.files(place).flatMap((file) => installed(own, place, file)),
    silenced: own.silenced,
    servers: (place) => serversOf(own, place),
    throughFirebreak: (place, server, route) => {
      const { path, before } = opened(place, server.file)
      if (before === null) throw broken(server.file, 'is not there any more')
      return { path, before, after: withRoute(before, server, own.mcp, route) }
    },
  }
}

function hooked(
  own: JsonHost,
  place: Place,
  file: HookFile,
  command: HookCommand,
): readonly FileChange[] {
  const { path, before } = opened(place, file.path)
  const why = before === null || before.trim() === '' ? null : own.flaw(before)
  if (why !== null) throw broken(file.path, why)
  const after = withHooks(file.path, before, file.form, file.wanted(command))
  const flaw = own.flaw(after)
  if (flaw !== null) throw broken(file.path, flaw)
  return after === before ? [] : [{ path, before, after }]
}

function unhooked(place: Place, file: HookFile): readonly FileRemoval[] {
  const { path, before } = opened(place, file.path)
  if (before === null || before.trim() === '') return []
  const after = withoutHooks(file.path, before, file.form)
  return after === before ? [] : [{ path, before, after }]
}

function installed(own: JsonHost, place: Place, file: HookFile): readonly Installed[] {
  const text = place.read(file.path)
  if (text === null || text.trim() === '') return []
  const why = own.flaw(text)
  if (why !== null) throw broken(file.path, why)
  return hooksIn(file.path, text, file.form).map((found) => ({
    host: own.name,
    file: file.path,
    scope: file.scope,
    event: found.event,
    at: found.at,
    ...own.fired(found, file),
  }))
}

function serversOf(own: JsonHost, place: Place): readonly McpServer[] {
  return own.mcpFiles(place).flatMap((file) => {
    const text = place.read(file.path)
    return text === null ? [] : serversIn(own.name, file, text)
  })
}

/** A file as it will be written: where its links lead. A checkout's file that leads out of the checkout is nobody's to write. */
export function opened(
  place: Place,
  path: string,
): { readonly path: string; readonly before: string | null } {
  const real = place.real(path)
  if (isWithin(place.checkout, path) && !isWithin(place.real(place.checkout), real))
    throw broken(path, `leads out of the checkout by a link, to \`${real}\``)
  return { path: real, before: place.read(path) }
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return !way.startsWith('..') && !isAbsolute(way)
}

/** Paths in the checkout and in the home. */
export function under(folder: string, ...names: readonly string[]): readonly string[] {
  return names.map((name) => join(folder, name))
}

/** A hook that is run by a shell. */
export function shellOf(hook: JsonObject, key = 'command'): Fired {
  const { [key]: text } = hook
  return { kind: 'shell', text: typeof text === 'string' ? text : '' }
}

/** A time-out of a hook in its own unit, or the host's own where it says none. */
export function waitOf(hook: JsonObject, key: string, unitMs: number, elseMs: number): number {
  const { [key]: amount } = hook
  return typeof amount === 'number' ? amount * unitMs : elseMs
}
