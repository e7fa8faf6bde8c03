/** Workspaces, their money and rules, templates, signals, sandboxes and agents. */
import { items, member, when } from './row.ts'
import type { Reason, Row, Rows } from './row.ts'
import { outage, runsCode } from './service-rows.ts'
import { templateReasons } from './template.ts'

const askPerson = ['ask a person who owns the workspace to do it in the dashboard'] as const
const inWorkspace: Pick<Row, 'id'> = { id: 'workspace' }

const guardOff = (rule: string, why: string): Reason => ({
  effect: 'destroy',
  kinds: ['guard'],
  rule,
  why,
  instead: askPerson,
})

export const workspaceRows: Rows = {
  workspaceDelete: {
    effect: 'destroy',
    kinds: ['account', 'container', 'data', 'backup', 'name'],
    why: 'deletes the workspace with every project in it',
    ...inWorkspace,
    instead: askPerson,
  },
  workspaceLeave: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'puts the account itself out of the workspace',
    ...inWorkspace,
    instead: askPerson,
  },
  workspaceUpdate: { effect: 'write', why: 'changes name and picture', ...inWorkspace },
  workspaceUserInvite: { effect: 'expose', why: 'lets one more person into every project' },
  workspaceInviteCodeCreate: {
    effect: 'expose',
    why: 'mints a code that lets anybody who has it into every project',
  },
  workspaceUserRemove: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'puts a person out, perhaps the last one who can help',
    instead: askPerson,
  },
  workspacePermissionChange: {
    effect: 'expose',
    why: 'gives a member another reach',
    more: (args) =>
      when([
        member(member(args, 'input'), 'role') !== 'ADMIN',
        {
          effect: 'destroy',
          kinds: ['account'],
          rule: 'role-lowered',
          why: 'can take the last admin away',
          instead: askPerson,
        },
      ]),
  },
  workspacePolicyItemUpdate: {
    effect: 'write',
    why: 'makes a rule of the workspace stricter',
    more: (args) =>
      when([
        member(args, 'enabled') !== true || member(member(args, 'input'), 'enabled') === false,
        guardOff('workspace-rule-off', 'can switch a rule off that keeps sources or ports out'),
      ]),
  },
  workspacePolicyDeploySourceAllowlistAdd: {
    effect: 'expose',
    why: 'lets code from one more source run here',
  },
  workspacePolicyDeploySourceAllowlistRemove: {
    effect: 'write',
    why: 'lets code from one source less run here',
  },
  workspaceTwoFactorEnforcementUpdate: {
    effect: 'write',
    why: 'asks every member for a second factor',
    more: (args) =>
      when([
        member(args, 'enabled') === false,
        guardOff('two-factor-not-asked', 'lets members in without a second factor'),
      ]),
  },
  workspaceUpsertSlackChannel: {
    effect: 'write',
    why: 'makes a channel for support',
    ...inWorkspace,
  },
  upsertSlackChannel: { effect: 'write', why: 'makes a channel for support' },
  trustedDomainCreate: {
    effect: 'expose',
    why: 'lets everybody with a mail address of a domain into the workspace',
  },
  trustedDomainUpdate: {
    effect: 'expose',
    why: 'changes the reach of everybody with a mail address of a domain',
  },
  trustedDomainDelete: { effect: 'write', why: 'ends joining by mail address' },
  trustedDomainRetriggerVerification: { effect: 'write', why: 'checks the domain again' },
  botScopeBindingRemove: { effect: 'write', why: 'ends a chat of the platform’s agent' },
  agentUsageLimitSet: { effect: 'write', why: 'sets what the platform’s agent may cost' },
  usageLimitSet: {
    effect: 'write',
    why: 'sets when a mail about the costs is sent',
    more: (args) =>
      when([
        typeof member(member(args, 'input'), 'hardLimitDollars') === 'number',
        outage('hard-limit', 'stops everything once the costs reach the limit'),
      ]),
  },
  usageLimitRemove: {
    effect: 'destroy',
    kinds: ['guard'],
    why: 'takes the limit of the costs away',
    instead: askPerson,
  },
  customerCreateFreePlanSubscription: {
    effect: 'destroy',
    kinds: ['account'],
    why: 'puts the account on the free plan, whose limits stop what goes beyond them',
    instead: askPerson,
  },
  customerTogglePayoutsToCredits: { effect: 'write', why: 'says how earnings are paid' },
  templateClone: { effect: 'write', why: 'makes a copy of a template' },
  templateDelete: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'deletes the template; its code and its place can go to others',
    id: 'template',
    instead: ['take it off the list with `templateUnpublish`'],
  },
  templateDeploy: {
    effect: 'write',
    why: 'makes new services from a template',
    more: (args) => templateReasons(member(args, 'input')),
  },
  templateDeployV2: {
    effect: 'write',
    why: 'makes new services from a template',
    more: (args) => templateReasons(member(args, 'input')),
  },
  templateGenerate: {
    effect: 'expose',
    why: 'makes a template from a project, which can carry the values of its variables',
  },
  templatePublish: {
    effect: 'expose',
    why: 'shows the template to everybody, with what its variables hold',
    id: 'template',
  },
  templateUnpublish: { effect: 'write', why: 'takes the template off the list', id: 'template' },
  templateVolumeUpdate: { effect: 'write', why: 'sets how big a new volume is' },
  templateRevert: {
    effect: 'destroy',
    kinds: ['container', 'data', 'backup', 'guard'],
    why: 'takes the cluster apart and deletes the members but one, with their volumes',
    instead: ['ask with preflight what the members hold'],
  },
  templateServiceSourceEject: {
    effect: 'destroy',
    kinds: ['exec'],
    why: 'copies the source to a repository of a named owner, whose pushes then run in the services',
  },
  signalCreate: { effect: 'write', why: 'makes a new signal' },
  signalDefaultSet: { effect: 'write', why: 'changes what a signal says; its log keeps the old' },
  signalRuleSet: { effect: 'write', why: 'adds a rule; the log keeps the old state' },
  signalRuleUnset: { effect: 'write', why: 'takes a rule away; the log keeps the old state' },
  signalReplace: {
    effect: 'destroy',
    kinds: ['overwrite'],
    why: 'puts a new signal in the place of the old one and clears all its rules',
    instead: ['change its default with `signalDefaultSet`'],
  },
  signalRollback: {
    effect: 'destroy',
    kinds: ['overwrite'],
    why: 'puts an older state in the place of the present one',
  },
  signalDelete: {
    effect: 'destroy',
    kinds: ['data', 'guard'],
    why: 'deletes the signal and the log of its changes',
  },
  observabilityDashboardCreate: { effect: 'write', why: 'makes a new dashboard' },
  observabilityDashboardUpdate: {
    effect: 'write',
    why: 'changes what the dashboard shows',
    more: (args) =>
      when([
        items(member(args, 'input')).length === 0,
        guardOff('dashboard-emptied', 'empties the dashboard, with the monitors on it'),
      ]),
  },
  observabilityDashboardReset: {
    effect: 'destroy',
    kinds: ['guard'],
    why: 'puts the dashboard back to its beginning; the monitors on it go',
    instead: ['change single items with `observabilityDashboardUpdate`'],
  },
  sandboxCreate: {
    effect: 'write',
    why: 'makes a machine of its own for trying things',
    more: (args) =>
      when([
        member(member(args, 'input'), 'networkIsolation') === 'PRIVATE',
        {
          ...runsCode('puts a machine into the private network, beside the data'),
          why: 'puts a machine for any code into the private network, beside the data',
          instead: ['leave it `ISOLATED`'],
        },
      ]),
  },
  sandboxExec: {
    effect: 'destroy',
    kinds: ['exec'],
    why: 'runs a command in a machine of the environment',
  },
  sandboxDestroy: {
    effect: 'destroy',
    kinds: ['data'],
    why: 'deletes the machine with its disk',
    id: 'sandbox',
    instead: ['keep its disk with `sandboxCheckpointCreate` first'],
  },
  sandboxHeartbeat: { effect: 'write', why: 'keeps the machine a while longer', id: 'sandbox' },
  sandboxTemplateBuild: { effect: 'write', why: 'builds a disk for new machines' },
  sandboxCheckpointCreate: { effect: 'write', why: 'keeps the disk of a machine' },
  sandboxCheckpointRename: { effect: 'write', why: 'renames a kept disk', id: 'sandboxCheckpoint' },
  sandboxCheckpointDelete: {
    effect: 'destroy',
    kinds: ['backup'],
    why: 'deletes a kept disk, which is a way back',
    id: 'sandboxCheckpoint',
  },
  cloudAgentCreate: {
    effect: 'destroy',
    kinds: ['exec'],
    why: 'starts an agent on a machine of the environment, which then acts by itself',
  },
  cloudAgentWake: {
    effect: 'write',
    why: 'starts the machine of the agent again',
    id: 'cloudAgent',
  },
  cloudAgentSleep: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'ends what runs on the machine of the agent and keeps its volume',
    id: 'cloudAgent',
  },
  cloudAgentDelete: {
    effect: 'destroy',
    kinds: ['data'],
    why: 'deletes the agent with the volume of its machine',
    id: 'cloudAgent',
    instead: ['let it sleep with `cloudAgentSleep`, which keeps the volume'],
  },
  cloudAgentStateReport: { effect: 'write', why: 'tells what an agent is doing' },
  generateShellToken: {
    effect: 'destroy',
    kinds: ['exec'],
    why: 'opens a shell in a running machine, beside the data',
    instead: ['read the logs'],
    also: [
      {
        effect: 'expose',
        rule: 'shell-token-minted',
        why: 'answers with a token that lets whoever has it into the machine',
      },
    ],
  },
}
