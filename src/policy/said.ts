/** What each default rule is for, in a line: for whoever reads the policy in force. `docs/policies.md` has the same (a test holds them together). */

export const saidOfDefaults: Readonly<Record<string, string>> = {
  admit: 'the base: what no rule denies goes on to the holds',
  lifeline: "nothing of Firebreak's own is changed through Firebreak, whoever asks",
  'last-way-back':
    'a backup stays while it is the last good way back. Where the data goes with it, `hold-data` asks for a recovery point outside instead; where the radius is not known it is held, and nothing runs before it is known',
  'run-ordinary': 'reads and ordinary writes run, silently',
  outage: 'what only costs availability runs, with a finding',
  'run-unprotected':
    'a destroy that touches no protected environment runs, after a recovery point where one is cheap',
  'hold-unread': 'what could not be understood: a person. Fixed',
  'hold-unnamed-kind': 'a destroy of no known kind: a person. Fixed',
  'hold-radius-unknown': 'a destroy of which it is not known what would go: a person. Fixed',
  'hold-expose':
    'something secret gets out, or new reach is minted: a person, in every environment',
  'hold-data': 'data goes: a person, a verified recovery point, 48 hours of grace',
  'hold-data-sql': 'rows or tables go by SQL: a person and a recovery point, no grace',
  'hold-container':
    'a thing that holds data goes: a person, a recovery point of all it holds, 48 hours of grace',
  'hold-container-sql': 'a database or schema goes by SQL: a person and a recovery point, no grace',
  'hold-overwrite': 'what is there is written over: a person and a recovery point',
  'hold-backup': 'a way back goes: a person',
  'hold-guard': 'a guard against loss goes: a person',
  'hold-key': 'a key or secret that cannot be read back goes: a person',
  'hold-exec': 'arbitrary code beside protected data: a person',
  'hold-name': 'a name that others can take is given up: a person',
  'hold-account': 'an account, an owner or the last admin goes: two people, in every environment',
  'hold-rows': 'a write of more than 100 known rows: a person',
  'policy-error':
    'a policy failed, or a fact is missing or of another type: denied. Cedar skips a policy that fails and goes on; Firebreak does not',
  unjudged: 'nothing says that this may run: held; nothing admits it at all: denied',
}
