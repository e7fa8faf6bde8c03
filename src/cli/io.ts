/** How a command speaks: results on stdout, progress and questions on stderr, JSON where it is asked for. */
import { createInterface } from 'node:readline/promises'
import type { Json } from '../base/json.ts'
import { toJson } from '../base/json.ts'

export interface Io {
  readonly json: boolean
  readonly quiet: boolean
  /** True where escape codes are wanted: a terminal, and no `NO_COLOR`. */
  readonly color: boolean
  /** True where a person can be asked. */
  readonly interactive: boolean
  /** One line of result; nothing with `--json`. */
  readonly say: (line: string) => void
  /** The result as JSON; nothing without `--json`. */
  readonly give: (value: unknown) => void
  /** One line of progress; nothing with `--quiet`. */
  readonly note: (line: string) => void
  /** Shows a line that the next one takes the place of, and the empty one takes away; null where no person looks at a terminal. */
  readonly live: ((line: string) => void) | null
  /** Asks on the terminal; null where nobody can answer. */
  readonly ask: (question: string) => Promise<string | null>
  /** All of stdin, for a secret that comes by a pipe. */
  readonly readStdin: () => Promise<string>
}

export interface IoChoice {
  readonly json: boolean
  readonly quiet: boolean
  readonly noColor: boolean
  /** True for a terminal that takes no escape codes. */
  readonly plain: boolean
}

export function openIo(choice: IoChoice): Io {
  const { stdin, stdout, stderr } = process
  const interactive = stdin.isTTY && stderr.isTTY && !choice.json
  return {
    json: choice.json,
    quiet: choice.quiet,
    color: stdout.isTTY && !choice.noColor && !choice.json,
    interactive,
    say: (line) => {
      if (!choice.json) stdout.write(`${line}\n`)
    },
    give: (value) => {
      const json: Json = toJson(value)
      if (choice.json) stdout.write(`${JSON.stringify(json)}\n`)
    },
    note: (line) => {
      if (!choice.quiet) stderr.write(`${line}\n`)
    },
    live:
      stdout.isTTY && stderr.isTTY && !choice.json && !choice.quiet && !choice.plain
        ? (line) => stderr.write(`\r${line.slice(0, (stderr.columns || 80) - 1)}\u001b[K`)
        : null,
    ask: async (question) => {
      if (!interactive) return null
      const lines = createInterface({ input: stdin, output: stderr })
      const answer = await lines.question(question)
      lines.close()
      return answer.trim()
    },
    readStdin: async () => {
      const parts: Buffer[] = []
      for await (const part of stdin) parts.push(Buffer.from(part))
      return Buffer.concat(parts).toString('utf8')
    },
  }
}

/** Text in a colour, where colours are wanted. */
export function paint(
  io: Pick<Io, 'color'>,
  tone: 'red' | 'green' | 'yellow' | 'dim' | 'bold',
  text: string,
): string {
  const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const
  return io.color ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text
}
