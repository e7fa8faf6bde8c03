/** One thing that an agent is about to do with a tool of its host, in the same form for all hosts. */
import type { JsonObject } from '../../base/json.ts'

export type Call =
  | { readonly kind: 'shell'; readonly command: string; readonly cwd: string | null }
  | {
      readonly kind: 'mcp'
      /** Empty where the host does not say. */
      readonly server: string
      readonly tool: string
      readonly arguments: JsonObject
    }
  | {
      readonly kind: 'file'
      readonly does: 'read' | 'write' | 'delete'
      readonly path: string
      readonly cwd: string | null
      /** What it would put there, where the call says so. */
      readonly text?: string
    }
  /** It has the form of a call and cannot be understood. */
  | { readonly kind: 'unread'; readonly why: string }

/** What a host's payload holds. Nothing to judge is an empty list. */
export type Calls = readonly Call[]
