/** Every command with its one line; the files behind them are loaded when they are called, since `--help` must be quick. */
import type { Command } from './command.ts'

export interface Listed {
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
}

export const commands: ReadonlyMap<string, Listed> = new Map([
  [
    'demo',
    {
      summary: 'nine seconds, twice: what an agent destroys without Firebreak, and with it',
      load: () => import('./demo.ts'),
    },
  ],
  [
    'init',
    {
      summary:
        'sets a checkout up: credentials into custody, grants in their place, hooks in agents',
      load: () => import('./init.ts'),
    },
  ],
  [
    'run',
    {
      summary: 'starts an agent with only grants in its environment',
      load: () => import('./run.ts'),
    },
  ],
  [
    'uninstall',
    {
      summary: 'puts back what `init` changed, and takes Firebreak away',
      load: () => import('./uninstall.ts'),
    },
  ],
  [
    'scan',
    {
      summary: 'finds every credential that an agent at work here could find',
      load: () => import('./scan.ts'),
    },
  ],
  ['up', { summary: 'starts the gateways and the guard', load: () => import('./up.ts') }],
  [
    'protect',
    {
      summary:
        'keeps a database: finds the best way, takes a first recovery point, and restores it once',
      load: () => import('./protect.ts'),
    },
  ],
  [
    'mcp',
    {
      summary: 'an MCP server behind Firebreak, for an agent to start',
      load: () => import('./mcp.ts'),
    },
  ],
  [
    'approver',
    {
      summary: 'enrols, lists and removes the people who approve',
      load: () => import('./approver.ts'),
    },
  ],
  [
    'decisions',
    {
      summary: 'says what people were asked, how fast they answered, and what is always yes',
      load: () => import('./decisions.ts'),
    },
  ],
  [
    'sessions',
    {
      summary: 'lists who is signed in at the console, and signs them out',
      load: () => import('./sessions.ts'),
    },
  ],
  [
    'custody',
    {
      summary: 'keeps the real credentials, so that no agent has to',
      load: () => import('./custody.ts'),
    },
  ],
  [
    'grant',
    {
      summary: 'mints, narrows, lists and revokes what agents hold instead',
      load: () => import('./grant.ts'),
    },
  ],
  [
    'holds',
    { summary: 'lists what waits for a person, or shows one', load: () => import('./holds.ts') },
  ],
  [
    'approve',
    { summary: 'approves one held action, with your factor', load: () => import('./approve.ts') },
  ],
  [
    'deny',
    { summary: 'denies one held action, and closes its class', load: () => import('./deny.ts') },
  ],
  [
    'undo',
    {
      summary: 'takes back what is scheduled, or brings back what ran',
      load: () => import('./undo.ts'),
    },
  ],
  [
    'backup',
    { summary: 'takes a recovery point of a database', load: () => import('./backup.ts') },
  ],
  [
    'drill',
    {
      summary: 'restores a recovery point into a scratch server, compares and times it',
      load: () => import('./drill.ts'),
    },
  ],
  [
    'restore',
    {
      summary: 'brings a recovery point into an empty database, with your factor',
      load: () => import('./restore.ts'),
    },
  ],
  ['vault', { summary: 'lists and verifies recovery points', load: () => import('./vault.ts') }],
  ['halt', { summary: 'stops every agent at once', load: () => import('./halt.ts') }],
  ['resume', { summary: 'lifts a halt, with your factor', load: () => import('./resume.ts') }],
  [
    'reopen',
    {
      summary: 'lists the classes that a no has closed, and reopens one',
      load: () => import('./reopen.ts'),
    },
  ],
  [
    'accept',
    {
      summary: 'accepts a changed config or policy, with your factor',
      load: () => import('./accept.ts'),
    },
  ],
  [
    'explain',
    {
      summary: 'says what Firebreak would answer, for JSON lines on stdin',
      load: () => import('./explain.ts'),
    },
  ],
  [
    'hook',
    {
      summary: 'answers an agent’s host before each call of a tool',
      load: () => import('./hook.ts'),
    },
  ],
  [
    'map',
    {
      summary: 'what each grant could at worst reach, and what has no way back',
      load: () => import('./map.ts'),
    },
  ],
  ['policy', { summary: 'checks and tests policies', load: () => import('./policy.ts') }],
  [
    'ledger',
    {
      summary: 'verifies, proves, exports and witnesses what is written down',
      load: () => import('./ledger.ts'),
    },
  ],
  [
    'alarms',
    { summary: 'lists what went past Firebreak or went wrong', load: () => import('./alarms.ts') },
  ],
  ['notify', { summary: 'sends a test by each way to people', load: () => import('./notify.ts') }],
  ['doctor', { summary: 'looks for what weakens this set-up', load: () => import('./doctor.ts') }],
])
