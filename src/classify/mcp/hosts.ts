/** Where a command would run, so that a person sees the wrong host: what `ssh` in it names, and what stands beside it. */
import type { JsonObject } from '../../base/json.ts'
import type { Finding } from '../../core/verdict.ts'

export function hostFindings(command: string, among: JsonObject): readonly Finding[] {
  const beside = ['host', 'hostname', 'node', 'server', 'instance', 'pod']
    .map((key) => among[key])
    .filter((value) => typeof value === 'string')
  const named = [...command.matchAll(ssh)].map(([, , host = '']) => host)
  return [...new Set([...named, ...beside])].map((host) => ({
    rule: 'mcp-host',
    message: `it would run on \`${host.slice(0, 200)}\``,
  }))
}

/** Flags of OpenSSH's client with and without a value, then where to. */
const ssh =
  /(?:^|[\s;|&('"])ssh\s+((?:-[46AaCfGgKkMNnqsTtVvXxYy]+\s+|-[BbcDEeFIiJLlmOopQRSWw]\s*\S+\s+){0,20})(?:ssh:\/\/)?(?:[\w.-]{1,64}@)?([\w.:-]{1,255})/g
