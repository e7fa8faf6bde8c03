/** A host of agents, by the files in which it keeps its hooks and its MCP servers. Texts in, texts out: nothing here writes a file. */

/** Where a hook is kept: in this checkout alone, or for all that this person does. */
export type Scope = 'checkout' | 'home'

export interface Host {
  /** The name that `firebreak hook` knows it by. */
  readonly name: string
  readonly title: string
  /** Where it can be asked to keep a hook; the first is the better one. */
  readonly scopes: readonly Scope[]
  /** True where this agent is used: a folder of it in the home or the checkout, or its program on the PATH. */
  readonly isUsed: (place: Place) => boolean
  /**
   * The files in which it gets our hook, with their new text; none where all is there already. Throws one clear line
   * where a file cannot be read as what it should be.
   */
  readonly hooks: (place: Place, command: HookCommand, scope?: Scope) => readonly FileChange[]
  /** The same files without any hook of ours, in both scopes: for where they have changed since, and cannot be put back whole. */
  readonly unhooked: (place: Place) => readonly FileRemoval[]
  /** Our hooks as they stand in its files, in both scopes. Throws as `hooks` does. */
  readonly installed: (place: Place) => readonly Installed[]
  /** Why this host would not ask a hook of ours although it stands in its file; null where nothing is against it. */
  readonly silenced: (place: Place, hook: Installed) => string | null
  /** The MCP servers that are named in its files. Throws as `hooks` does. */
  readonly servers: (place: Place) => readonly McpServer[]
  /** The server's file with its entry now being started by Firebreak, and without any credential in it. */
  readonly throughFirebreak: (place: Place, server: McpServer, route: Route) => FileChange
}

/** What may be looked at. Paths are whole. */
export interface Place {
  readonly checkout: string
  readonly home: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The text of a file, null where there is none. */
  readonly read: (path: string) => string | null
  readonly exists: (path: string) => boolean
  /** The names in a folder, sorted; none where there is no folder. */
  readonly list: (path: string) => readonly string[]
  /** Where a path leads once every link in it is followed; the path itself as far as nothing is there. */
  readonly real: (path: string) => string
}

/** `before` is null where the file is not there. */
export interface FileChange {
  readonly path: string
  readonly before: string | null
  readonly after: string
}

/** `after` is null where nothing is left of the file. */
export interface FileRemoval {
  readonly path: string
  readonly before: string
  readonly after: string | null
}

/** How Firebreak is started: `['firebreak']`, or a node and the path of a file. */
export interface HookCommand {
  readonly argv: readonly string[]
}

/** How a server is reached through Firebreak. */
export interface Route {
  readonly command: HookCommand
  /** The name of its target in `firebreak.yaml`; made of the server's where it is not said. */
  readonly target?: string
  /** Where Firebreak listens, where that is not its usual place. */
  readonly url?: string
  /** The grant itself; where it is not given, the host takes it out of the environment that it is started with. */
  readonly grant?: string
}

/** What a host would do with a hook of ours. */
export type Fired =
  | { readonly kind: 'shell'; readonly text: string }
  | { readonly kind: 'argv'; readonly argv: readonly string[] }
  | {
      readonly kind: 'http'
      readonly url: string
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly kind: 'plugin'; readonly path: string }

export interface Installed {
  readonly host: string
  readonly file: string
  readonly scope: Scope
  /** The host's own name of the event. */
  readonly event: string
  /** Where in the file it stands. */
  readonly at: readonly (string | number)[]
  readonly fires: Fired
  /** How long the host waits. */
  readonly waitsMs: number
  /** True where the host refuses when the hook fails. */
  readonly failsClosed: boolean
}

export interface McpServer {
  readonly host: string
  readonly file: string
  /** Where in the file its entry stands. */
  readonly at: readonly string[]
  readonly name: string
  readonly kind: 'command' | 'url'
  readonly command: readonly string[]
  readonly url: string | null
  readonly env: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** True where it is started by Firebreak, or its URL is Firebreak's. */
  readonly isOurs: boolean
  /** True where its entry says that it is not to be started. */
  readonly isOff: boolean
}
