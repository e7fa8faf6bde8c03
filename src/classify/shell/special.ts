/** Programs of which a table is not enough: their words are texts, paths or payloads of their own. */
import { code } from './code.ts'
import { codeEvals } from './code-evals.ts'
import { files } from './files.ts'
import { git } from './git.ts'
import { http } from './http.ts'
import type { Special } from './nested.ts'
import { panes } from './panes.ts'
import { powershell } from './powershell.ts'
import { redis } from './redis.ts'
import { scripts } from './scripts.ts'
import { shells } from './shells.ts'
import { sqlClients } from './sql-clients.ts'
import { state } from './state.ts'

export const special: ReadonlyMap<string, Special> = new Map([
  ...shells,
  ...state,
  ...panes,
  ...files,
  ...git,
  ...sqlClients,
  ...redis,
  ...http,
  ...code,
  ...codeEvals,
  ...powershell,
  ...scripts,
])
