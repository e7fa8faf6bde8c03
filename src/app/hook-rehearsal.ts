/** A call like most, judged for nobody: what V8 has compiled for it is kept, so that each later start finds it. Few and plain: what is kept and not needed is loaded all the same. */
import { answer } from '../gateways/hook/answer.ts'
import { claudeCode } from '../gateways/hook/dialects.ts'
import { hookWorld } from './hook-world.ts'

const everyday = 'cd src && git status && npm test | head -5'

/** Runs nothing, and tells nobody. */
export async function rehearse(): Promise<void> {
  const payload = {
    hook_event_name: 'PreToolUse',
    cwd: '/',
    tool_name: 'Bash',
    tool_input: { command: everyday },
  }
  await answer(claudeCode, JSON.stringify(payload), hookWorld(1000))
}
