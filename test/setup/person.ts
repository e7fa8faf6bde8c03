/** A person at a terminal, with an authenticator: for commands that ask. */
import { codeAt, stepAt } from '../../src/approvals/totp.ts'
import { fromBase32 } from '../../src/app/rehearse.ts'
import { FirebreakError } from '../../src/base/error.ts'
import type { Command } from '../../src/cli/command.ts'
import type { Io } from '../../src/cli/io.ts'

export interface Person {
  /** Runs a command as they would; what it said, what it gave, and how it ended. */
  readonly types: (command: Command, args: readonly string[]) => Promise<Said>
  /** A code that was not used yet. */
  readonly code: () => string
}

export interface Said {
  readonly said: string
  readonly code: number | string
  readonly hint: string
}

/** `answers`: to questions that hold these words, a code’s too; else who approves is answered, and no other. */
export function openPerson(name: string, answers: Readonly<Record<string, string>> = {}): Person {
  let secret: Uint8Array = new Uint8Array()
  let last = 0
  const code = (): string => {
    last = Math.max(last + 1, stepAt(Date.now()) - 1)
    return codeAt(secret, last)
  }
  const types: Person['types'] = async (command, args) => {
    const lines: string[] = []
    const say = (line: string): void => void lines.push(line)
    const ask = async (question: string): Promise<string> => {
      lines.push(question)
      const found = /secret=([A-Z2-7]+)/.exec(lines.join('\n'))?.[1]
      if (found !== undefined) secret = fromBase32(found)
      if (/name: |approver: /i.test(question)) return await Promise.resolve(name)
      const answer = Object.entries(answers).find(([part]) => question.includes(part))
      if (answer !== undefined) return answer[1]
      return /code/.test(question) ? code() : ''
    }
    const io: Io = {
      json: false,
      quiet: false,
      color: false,
      interactive: true,
      say,
      give: () => undefined,
      note: say,
      live: null,
      ask,
      readStdin: async () => await Promise.resolve(''),
    }
    try {
      const ended = await command.run(args, io)
      return { said: lines.join('\n'), code: ended, hint: '' }
    } catch (thrown) {
      if (!(thrown instanceof FirebreakError)) throw thrown
      const said = [...lines, thrown.message].join('\n')
      return { said, code: thrown.code, hint: thrown.hint ?? '' }
    }
  }
  return { types, code }
}
