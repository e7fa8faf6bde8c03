/** What is durable: the rows that the guard, the approvals and the vault keep, as plain values. */
import type { Json, JsonObject } from '../base/json.ts'
import type { Action } from '../core/action.ts'
import type { BlastRadius } from '../core/blast-radius.ts'
import type { HoldState } from '../core/hold.ts'
import type { Principal } from '../core/principal.ts'
import type { RecoveryPoint } from '../core/recovery-point.ts'
import type { Finding } from '../core/verdict.ts'

export interface HoldRow {
  readonly id: string
  readonly digest: string
  readonly state: HoldState
  readonly principal: Principal
  /** The action with its parameters masked (`shown` in place of `parameters`): for people, logs and the console. */
  readonly action: Action
  /** The action, the request to run and the digest of the row's terms (`terms.ts`), sealed by custody: what runs is this, never a retry's bytes. */
  readonly sealed: string
  readonly radius: BlastRadius
  readonly findings: readonly Finding[]
  readonly alternatives: readonly string[]
  /** Why the agent says it asks: its words, shown as its words, never part of the digest. */
  readonly reason: string | null
  /** Index of its `held` entry: whatever became of it is written down after that. */
  readonly entry: number
  /** Index of the newest entry about it: the one whose receipt proves where it stands. */
  readonly last: number
  readonly requestedAt: number
  readonly expiresAt: number
  /** How many approvals the policy asked for, and how many must sign: never more than are enrolled. */
  readonly approvalsAsked: number
  readonly approvalsNeeded: number
  readonly approvals: readonly ApprovalRow[]
  /** Only where the policy asked for it when it opened: a one-time code approves nothing here. */
  readonly factor?: 'passkey'
  /** Milliseconds between the last approval and the act. */
  readonly graceMs: number
  readonly needsRecoveryPoint: boolean
  readonly executesAt: number | null
  /** Ids of the recovery points it leans on. */
  readonly recoveryPoints: readonly string[]
  /** By what the target knows whether the act has happened; only where its runner leant on something before it was final. */
  readonly mark?: string
  readonly settledAt: number | null
  /** What came of it, for the retry: status, media type and body as sealed text; null before. */
  readonly outcome: OutcomeRow | null
  /** One line of who ended it and why; null while it lives. */
  readonly closing: string | null
}

export interface ApprovalRow {
  readonly approver: string
  /** In whose place, where it is not their own voice. */
  readonly for?: string
  readonly factor: 'totp' | 'passkey'
  readonly at: number
  /** The action's digest as the approver signed it. */
  readonly digest: string
  /** SHA-256 of what was shown. */
  readonly shown: string
  readonly evidence: JsonObject
}

export interface OutcomeRow {
  readonly ok: boolean
  readonly status: number
  readonly summary: string
  /** The answer's head and body, sealed by custody; null where none came. */
  readonly sealed: string | null
}

export interface GrantRow {
  readonly id: string
  readonly principal: string
  readonly mintedBy: string
  readonly mintedAt: number
  readonly expiresAt: number
  readonly note: string
  /** The root caveats in words, for `list`. */
  readonly caveats: readonly string[]
  readonly revokedAt: number | null
}

/** A hop that was revoked with all that descends from it; the id is the hop's. */
export interface RevokedRow {
  readonly id: string
  readonly at: number
  readonly by: string
}

export interface ApproverRow {
  readonly id: string
  readonly name: string
  readonly role: 'viewer' | 'approver' | 'admin'
  /** The TOTP secret, sealed by custody; null for who signs by passkeys alone. */
  readonly totp: string | null
  /** The last accepted time step (RFC 6238): a code works once. */
  readonly lastStep: number
  readonly failures: number
  readonly lockedUntil: number
  readonly enrolledAt: number
  readonly enrolledBy: string | null
  readonly removedAt: number | null
}

/** A passkey of an approver. The id is the credential's. */
export interface PasskeyRow {
  readonly id: string
  /** The approver's id. */
  readonly approver: string
  /** The public key and its site, sealed to the approver: a key that somebody wrote into the state is none. */
  readonly sealed: string
  /** How often it says that it has signed; it never goes back. */
  readonly count: number
  readonly addedAt: number
  readonly usedAt: number | null
  readonly removedAt: number | null
}

/** An approver's voice, lent to a viewer. Both by their id: a name may be another person's by then. */
export interface DelegationRow {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly at: number
  readonly until: number
  /** Who had it written: the lender, or an admin. */
  readonly by: string
  /** The two and the times, sealed. */
  readonly sealed: string
  /** When it was taken back before its time; null where it was not. */
  readonly endedAt: number | null
}

/** Whoever has its token may enrol a passkey, once. The id is the token's hash. */
export interface InvitationRow {
  readonly id: string
  readonly name: string
  readonly role: ApproverRow['role']
  /** The admin who signed it; null for the first of all. */
  readonly by: string | null
  /** What the terminal that asked for it knows, hashed: with that alone it is confirmed. */
  readonly terminal: string
  readonly until: number
  /** All of the above, sealed: a row that somebody wrote into the state invites nobody. */
  readonly sealed: string
  /** The key that came, not confirmed yet. */
  readonly came: JsonObject | null
  readonly usedAt: number | null
}

/** A class that a person's no has closed: target, kind and resource family, for one root grant's principal. */
export interface ClosedClassRow {
  readonly id: string
  readonly principal: string
  readonly target: string
  /** A destroy kind, or the effect where there is no kind. */
  readonly kind: string
  readonly family: string
  readonly by: string
  readonly hold: string
  readonly at: number
  readonly until: number
  readonly reopenedAt: number | null
}

/** The id is `all`, or the principal's name. */
export interface HaltRow {
  readonly id: string
  readonly at: number
  readonly by: string
  readonly reason: string
  readonly liftedAt: number | null
}

/** A destructive attempt, for the burst rule. */
export interface AttemptRow {
  readonly id: string
  readonly principal: string
  readonly at: number
}

/** A recovery point that a hold leans on; the id is `point:hold`. */
export interface LeaseRow {
  readonly id: string
  readonly point: string
  readonly hold: string
  readonly until: number | null
}

export interface RecoveryPointRow extends RecoveryPoint {
  /** What the engine needs to bring it back; no secret. */
  readonly detail: JsonObject
}

/** An upstream credential, sealed. The id is the target's name. */
export interface CredentialRow {
  readonly id: string
  readonly sealed: string
  readonly addedAt: number
  readonly addedBy: string
  /** The first and last characters are not kept: a salted hash for "seen again" is. */
  readonly mark: string
  /** Where somebody has logged in for it. */
  readonly login?: CredentialLogin
}

/** What renews a credential, sealed, and how long it lives. */
export interface CredentialLogin {
  readonly sealed: string
  /** Null where its issuer does not say. */
  readonly endsAt: number | null
  readonly renewedAt: number
  /** When its issuer has refused to renew it. */
  readonly deadSince: number | null
}

export interface AlarmRow {
  readonly id: string
  readonly at: number
  readonly rule: string
  readonly message: string
  readonly subject: string
  readonly seenAt: number | null
}

/** A browser that an approver has asked to be told at; the id is made of its address. */
export interface PushRow {
  readonly id: string
  readonly approver: string
  /** Its address and keys, sealed to both: nobody has our facts sent elsewhere by writing here. */
  readonly sealed: string
  readonly addedAt: number
}

/** A message to one channel that has not arrived there yet. */
export interface OutboxRow {
  readonly id: string
  readonly channel: string
  readonly kind: 'hold' | 'act' | 'halt' | 'alarm'
  /** The hold, the alarm, or who was halted. */
  readonly subject: string
  /** What is told, and when, sealed: who can write here has no word of theirs sent in our name. */
  readonly sealed: string
  readonly notBefore: number
  /** True for what goes only if nobody has looked by then. */
  readonly escalated: boolean
  /** What it is sent with, the same at each try: by that a receiver knows a twin. Null before the first. */
  readonly delivery: string | null
  readonly tries: number
  readonly firstTriedAt: number | null
}

/** A call that the bypass watch knows: sent through here, or told already. */
export interface CallRow {
  readonly id: string
  readonly target: string
  /** Days since 1970, by which it is forgotten. */
  readonly day: number
}

export interface MetaRow {
  readonly id: string
  readonly value: Json
}

/** Every table with its row: the store keeps no other. */
export interface Tables {
  readonly hold: HoldRow
  readonly grant: GrantRow
  readonly revoked: RevokedRow
  readonly approver: ApproverRow
  readonly closed: ClosedClassRow
  readonly halt: HaltRow
  readonly attempt: AttemptRow
  readonly lease: LeaseRow
  readonly point: RecoveryPointRow
  readonly credential: CredentialRow
  readonly alarm: AlarmRow
  readonly call: CallRow
  readonly meta: MetaRow
  readonly passkey: PasskeyRow
  readonly delegation: DelegationRow
  readonly invitation: InvitationRow
  readonly outbox: OutboxRow
  readonly push: PushRow
}
