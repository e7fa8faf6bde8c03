/** What a host reads as an answer: only the fields that it knows, since most let the call run where one is too many (docs/hooks.md). */
import type { JsonObject } from '../../base/json.ts'

export interface Reply {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number
}

/** An answer in words, before a host's form is put around it. A hold is a no as well: the agent's own prompt is no approval. */
export type Answer =
  | { readonly kind: 'allow' }
  | {
      readonly kind: 'deny'
      /** For the person at the screen: one line. */
      readonly headline: string
      /** For the agent: the headline, why, and what to do instead. */
      readonly reason: string
    }

export type Replying = (answer: Answer, event: string) => Reply

const said = (body: JsonObject): Reply => ({
  stdout: `${JSON.stringify(body)}\n`,
  stderr: '',
  exit: 0,
})
const nothing: Reply = { stdout: '', stderr: '', exit: 0 }

/** Claude Code and Codex: no output is no opinion, so the host's own rules still count. Codex drops a denial that has any further field. */
export const nested: Replying = (answer, event) => {
  if (answer.kind === 'allow') return nothing
  if (event === 'PermissionRequest')
    return said({
      hookSpecificOutput: {
        hookEventName: event,
        decision: { behavior: 'deny', message: answer.reason },
      },
    })
  return said({
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'deny',
      permissionDecisionReason: answer.reason,
    },
  })
}

/** Cursor: with `failClosed` an empty output is a failure, so an allowance is printed too. */
export const permission: Replying = (answer) =>
  answer.kind === 'allow'
    ? said({ permission: 'allow' })
    : said({ permission: 'deny', user_message: answer.headline, agent_message: answer.reason })

/** Gemini CLI: never `ask`, which it prefers to a denial of its own policy. */
export const decision: Replying = (answer) =>
  answer.kind === 'allow' ? said({}) : said({ decision: 'deny', reason: answer.reason })

/** Copilot CLI: an explicit allowance would skip its own prompts, a third field can lose the decision. */
export const flat: Replying = (answer) =>
  answer.kind === 'allow'
    ? said({})
    : said({ permissionDecision: 'deny', permissionDecisionReason: answer.reason })

/** Windsurf, Kiro and our plugin for OpenCode: the exit code decides, and the reason is on stderr. */
export const byExit: Replying = (answer) =>
  answer.kind === 'allow' ? nothing : { stdout: '', stderr: `${answer.reason}\n`, exit: 2 }
