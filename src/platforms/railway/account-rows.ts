/** Accounts, members, tokens and factors: who may do anything here at all. */
import { lacks, member, when } from './row.ts'
import type { Reason, Rows } from './row.ts'

const askPerson = ['ask a person who owns the account to do it in the dashboard'] as const

const ownershipMoves: Reason = {
  effect: 'expose',
  rule: 'ownership-moved',
  why: 'gives everything in the project to whoever owns the other side',
}

/** A role below admin can be the end of the last admin. */
const demotes: Reason = {
  effect: 'destroy',
  kinds: ['account'],
  rule: 'role-lowered',
  why: 'can take the last admin away',
  instead: askPerson,
}

const shows = (what: string): Reason => ({
  effect: 'expose',
  rule: 'secret-answered',
  why: `answers with ${what}`,
})

export const accountRows: Rows = {
  apiTokenCreate: {
    effect: 'expose',
    why: 'mints a token without any limit to operations',
    instead: ['use the grant that you have; ask for a wider one with its reason'],
    more: (args) =>
      when([
        lacks(member(args, 'input'), 'workspaceId'),
        {
          effect: 'expose',
          rule: 'token-whole-account',
          why: 'names no workspace, so the token holds for the whole account',
        },
      ]),
  },
  apiTokenDelete: {
    effect: 'destroy',
    kinds: ['key'],
    why: 'ends a token that cannot be read back; what uses it stops',
    id: 'apiToken',
  },
  projectTokenCreate: {
    effect: 'expose',
    why: 'mints a token for a whole environment',
    instead: ['use the grant that you have; ask for a wider one with its reason'],
  },
  projectTokenDelete: {
    effect: 'destroy',
    kinds: ['key'],
    why: 'ends a token that cannot be read back; what uses it stops',
    id: 'projectToken',
  },
  sshPublicKeyCreate: {
    effect: 'expose',
    why: 'lets whoever has the other half of the key into the machines',
  },
  sshPublicKeyDelete: { effect: 'write', why: 'takes a key away, which can be added again' },
  sshSignupApprove: { effect: 'expose', why: 'binds a key that somebody offered to the account' },
  loginSessionCreate: { effect: 'write', why: 'begins a login that a person must confirm' },
  loginSessionAuth: {
    effect: 'expose',
    why: 'lets a waiting login into the account, with all its power',
    instead: askPerson,
  },
  loginSessionConsume: { effect: 'expose', why: 'answers with the token of a login' },
  loginSessionCancel: { effect: 'write', why: 'ends a login that waits' },
  loginSessionVerify: { effect: 'read', why: 'tells whether a login still waits' },
  sessionDelete: { effect: 'write', why: 'logs a session out, which can log in again' },
  twoFactorInfoSecret: { effect: 'expose', why: 'answers with the seed of the second factor' },
  twoFactorInfoCreate: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'binds the account to a second factor that the caller holds, and so can lock its owner out',
    instead: askPerson,
    also: [shows('the recovery codes')],
  },
  twoFactorInfoDelete: {
    effect: 'destroy',
    kinds: ['guard', 'account'],
    why: 'takes the second factor off the account',
    instead: askPerson,
  },
  twoFactorInfoValidate: { effect: 'expose', why: 'lifts a login with the second factor' },
  recoveryCodeGenerate: {
    effect: 'destroy',
    kinds: ['key'],
    why: 'makes the recovery codes worthless that its owner keeps',
    instead: askPerson,
    also: [shows('the new recovery codes')],
  },
  recoveryCodeValidate: { effect: 'expose', why: 'lifts a login with a recovery code' },
  passkeyDelete: {
    effect: 'destroy',
    kinds: ['guard', 'account'],
    why: 'takes a passkey off the account, perhaps the last way in for its owner',
    instead: askPerson,
  },
  providerAuthRemove: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'takes a way to log in off the account, perhaps the last one',
    instead: askPerson,
  },
  emailChangeInitiate: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'begins to move the account to another mail address',
    instead: askPerson,
  },
  emailChangeConfirm: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'moves the account to another mail address, which can then take it over',
    instead: askPerson,
  },
  userDelete: {
    effect: 'destroy',
    kinds: ['account', 'container', 'data', 'backup', 'name'],
    why: 'deletes the account with everything that it owns',
    instead: askPerson,
  },
  userProfileUpdate: {
    effect: 'write',
    why: 'changes the profile',
    more: (args) =>
      when([
        member(member(args, 'input'), 'isPublic') === true,
        { effect: 'expose', rule: 'profile-public', why: 'shows the profile to everybody' },
      ]),
  },
  userBetaLeave: { effect: 'write', why: 'leaves the beta programme' },
  userDiscordDisconnect: { effect: 'write', why: 'ends the link with Discord' },
  userFlagsSet: { effect: 'write', why: 'sets flags of the user' },
  userFlagsRemove: { effect: 'write', why: 'takes flags of the user away' },
  userTermsUpdate: { effect: 'write', why: 'agrees to the terms' },
  fairUseAgree: { effect: 'write', why: 'agrees to the rules of fair use' },
  featureFlagAdd: { effect: 'write', why: 'switches a feature of the platform on' },
  featureFlagRemove: { effect: 'write', why: 'switches a feature of the platform off' },
  preferencesUpdate: { effect: 'write', why: 'says which mails are wanted' },
  cliEventTrack: { effect: 'write', why: 'counts the use of the command line' },
  cliAuthEventTrack: { effect: 'write', why: 'counts logins of the command line' },
  setupAgentEventTrack: { effect: 'write', why: 'counts set-ups of agents' },
  referralInfoUpdate: { effect: 'write', why: 'changes the code for referrals' },
  jobApplicationCreate: { effect: 'expose', why: 'sends a person’s name, mail and résumé away' },
  projectClaim: {
    effect: 'expose',
    why: 'moves a project into a workspace, whose members then own it',
    id: 'project',
  },
  projectTransfer: transfer('moves the project to another workspace'),
  projectTransferInitiate: transfer('begins to move the project to another owner', false),
  projectTransferConfirm: transfer('moves the project to another owner', false),
  projectTransferToTeam: transfer('moves the project to another team'),
  inviteCodeUse: { effect: 'expose', why: 'brings the account into a project of others' },
  projectInvitationAccept: { effect: 'expose', why: 'brings the account into a project of others' },
  workspaceInviteCodeUse: {
    effect: 'expose',
    why: 'brings the account into a workspace of others',
  },
  projectInvitationCreate: { effect: 'expose', why: 'lets one more person in', id: 'project' },
  projectInvitationResend: { effect: 'expose', why: 'sends the way in once more' },
  projectInvitationDelete: { effect: 'write', why: 'takes an invitation back' },
  projectInviteUser: { effect: 'expose', why: 'lets one more person in', id: 'project' },
  projectMemberAdd: { effect: 'expose', why: 'lets one more person in' },
  projectMemberUpdate: {
    effect: 'expose',
    why: 'gives a member another reach',
    more: (args) => when([member(member(args, 'input'), 'role') !== 'ADMIN', demotes]),
  },
  projectMemberRemove: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'puts a person out, perhaps the last one who can help',
    instead: askPerson,
  },
  projectLeave: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'puts the account itself out of the project',
    id: 'project',
    instead: askPerson,
  },
}

function transfer(why: string, byId = true): Rows[string] {
  const row = { effect: 'destroy', kinds: ['account'], why, also: [ownershipMoves] } as const
  return byId ? { ...row, id: 'project', instead: askPerson } : { ...row, instead: askPerson }
}
