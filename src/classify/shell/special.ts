/** Programs of which a table is not enough: their words are texts, paths or payloads of their own. */
import { code } from './code.ts'
import { codeEvals } from './code-evals.ts'
import { files } from './files.ts'
import { git } from './git.ts'
import { http } from './http.ts'
import type { Special } from './nested.ts'
import { plans } from './plans.ts'
import { redis } from './redis.ts'
import { scripts } from './scripts.ts'
import { shells } from './shells.ts'
import { sqlClients } from './sql-clients.ts'

export const special: ReadonlyMap<string, Special> = new Map([
  ...shells,
  ...files,
  ...git,
  ...sqlClients,
  ...redis,
  ...http,
  ...code,
  ...codeEvals,
  ...scripts,
  ...plans,
])
