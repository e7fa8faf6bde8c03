/** Services, deployments, variables and plugins: what runs, with which secrets, and what stops. */
import type { JsonObject } from '../../base/json.ts'
import { given, items, lacks, member, when } from './row.ts'
import type { Reason, Rows } from './row.ts'

/** Another program beside the data: it runs with the service's secrets and volumes. */
export function runsCode(what: string): Reason {
  return {
    effect: 'destroy',
    kinds: ['exec'],
    rule: 'code-beside-data',
    why: `${what}, which runs with the service's secrets and volumes`,
    instead: ['change the code in its repository and let it be reviewed and deployed'],
  }
}

export function outage(rule: string, why: string): Reason {
  return { effect: 'destroy', kinds: ['outage'], rule, why }
}

const olderCode = ['deploy a new commit that takes the change back'] as const

export const serviceRows: Rows = {
  serviceCreate: { effect: 'write', why: 'makes a new service' },
  serviceDuplicate: { effect: 'write', why: 'makes a copy beside the service' },
  serviceUpdate: { effect: 'write', why: 'renames the service or changes its icon', id: 'service' },
  serviceDelete: {
    effect: 'destroy',
    kinds: ['container', 'data', 'name'],
    why: 'deletes the service with its settings, variables, domains and what is mounted to it; also in other environments than the named one, unless that one is a fork',
    id: 'service',
    instead: [
      'stop its deployment with `deploymentStop`, which keeps everything',
      'ask with preflight which volumes are mounted to it',
    ],
  },
  serviceConnect: {
    effect: 'write',
    why: 'connects the service to a source',
    id: 'service',
    more: (args) =>
      when([
        ['branch', 'image', 'repo'].some((name) => given(member(args, 'input'), name)),
        runsCode('lets another source run in the service'),
      ]),
  },
  serviceDisconnect: {
    effect: 'write',
    why: 'ends deploys from the repository; what runs goes on',
    id: 'service',
  },
  serviceRemoveUpstreamUrl: {
    effect: 'write',
    why: 'forgets from which template the service came',
    id: 'service',
  },
  serviceFeatureFlagAdd: { effect: 'write', why: 'switches a feature of the platform on' },
  serviceFeatureFlagRemove: { effect: 'write', why: 'switches a feature of the platform off' },
  serviceInstanceAutoDeployUpdate: { effect: 'write', why: 'switches deploys by push on or off' },
  serviceInstanceDeploy: { effect: 'write', why: 'deploys a commit of the connected source' },
  serviceInstanceDeployV2: { effect: 'write', why: 'deploys a commit of the connected source' },
  serviceInstanceRedeploy: { effect: 'write', why: 'deploys the same code again' },
  serviceInstanceLimitsUpdate: {
    effect: 'write',
    why: 'changes how much memory and processor the service gets',
    more: (args) =>
      when([
        ['memoryGB', 'vCPUs'].some((name) => isNothing(member(args, 'input'), name)),
        outage('scaled-to-zero', 'leaves the service nothing to run with'),
      ]),
  },
  serviceInstanceUpdate: {
    effect: 'write',
    why: 'changes how the service is built, run and watched',
    more: serviceInstance,
  },
  serviceInstanceVulnRemediationDismiss: {
    effect: 'destroy',
    kinds: ['guard'],
    why: 'calls off a security update that the platform has prepared for the database',
    instead: ['let the platform apply the update'],
  },
  serviceInstanceVulnRemediationPatchNow: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'restarts the database now, after a backup, to apply a security update',
  },
  deploymentApprove: {
    effect: 'destroy',
    kinds: ['exec'],
    why: 'lets code run that the platform kept back until a person approves it',
    id: 'deployment',
    instead: ['ask a person to look at the deployment and approve it'],
  },
  deploymentCancel: {
    effect: 'write',
    why: 'ends a deploy that is under way; what ran before goes on',
    id: 'deployment',
  },
  deploymentRedeploy: { effect: 'write', why: 'deploys the same code again', id: 'deployment' },
  deploymentRestart: { effect: 'write', why: 'starts the same code anew', id: 'deployment' },
  deploymentRemove: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'takes the deployment down; the service stands still until the next one',
    id: 'deployment',
    instead: ['redeploy or restart it'],
  },
  deploymentStop: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'stops what runs',
    id: 'deployment',
  },
  deploymentRollback: {
    effect: 'destroy',
    kinds: ['overwrite'],
    why: 'replaces the code that runs by older code, which may not know the data as it is now',
    id: 'deployment',
    instead: olderCode,
  },
  deploymentInstanceExecutionCreate: {
    effect: 'destroy',
    kinds: ['exec'],
    why: 'runs the program of the service once, out of its time, beside the data',
    instead: ['wait for its schedule'],
  },
  deploymentTriggerCreate: {
    effect: 'destroy',
    kinds: ['exec'],
    why: 'lets every push to a repository run in the service, with its secrets and volumes',
    instead: ['ask a person to connect the repository'],
  },
  deploymentTriggerUpdate: {
    effect: 'write',
    why: 'changes when a push is deployed',
    id: 'deploymentTrigger',
    more: (args) =>
      when([
        ['branch', 'repository'].some((name) => given(member(args, 'input'), name)),
        runsCode('lets pushes to another branch or repository run in the service'),
      ]),
  },
  deploymentTriggerDelete: {
    effect: 'write',
    why: 'ends deploys by push; what runs goes on',
    id: 'deploymentTrigger',
  },
  githubRepoDeploy: { effect: 'write', why: 'makes a new service from a repository' },
  githubRepoUpdate: { effect: 'write', why: 'brings the template of a repository up to date' },
  variableUpsert: { effect: 'write', why: 'sets one variable' },
  variableDelete: {
    effect: 'destroy',
    kinds: ['key'],
    why: 'deletes a variable, whose value may stand nowhere else',
    instead: ['set the variable to a new value with `variableUpsert`'],
  },
  variableCollectionUpsert: {
    effect: 'write',
    why: 'sets the named variables and leaves the others',
    more: (args) =>
      when([
        member(member(args, 'input'), 'replace') === true,
        {
          effect: 'destroy',
          kinds: ['overwrite', 'key'],
          rule: 'variables-replaced',
          why: 'deletes every variable that is not in the new set',
          instead: ['leave `replace` out: the named variables are set and the others stay'],
        },
      ]),
  },
  sharedVariableConfigure: {
    effect: 'write',
    why: 'says which services see a shared variable',
  },
  herokuImportVariables: { effect: 'write', why: 'sets variables as they stand at Heroku' },
  pluginCreate: { effect: 'write', why: 'makes a new plugin' },
  pluginUpdate: { effect: 'write', why: 'renames the plugin', id: 'plugin' },
  pluginStart: { effect: 'write', why: 'starts the plugin', id: 'plugin' },
  pluginRestart: { effect: 'write', why: 'starts the plugin anew', id: 'plugin' },
  pluginDelete: {
    effect: 'destroy',
    kinds: ['data', 'container', 'backup'],
    why: 'deletes the database plugin with its data; in every environment unless one is named',
    id: 'plugin',
    instead: ['copy its data out and let a person delete it'],
  },
  pluginReset: {
    effect: 'destroy',
    kinds: ['data', 'key'],
    why: 'starts the database plugin anew, with an empty container and new variables',
    id: 'plugin',
    instead: ['restart it with `pluginRestart`'],
  },
  pluginResetCredentials: {
    effect: 'destroy',
    kinds: ['key'],
    why: 'makes the password of the database worthless for whoever uses it',
    id: 'plugin',
    also: [
      {
        effect: 'expose',
        rule: 'plugin-credentials-shown',
        why: 'answers with a new password for the whole database',
      },
    ],
  },
}

function serviceInstance(args: JsonObject): readonly Reason[] {
  const input = member(args, 'input')
  const everywhere = lacks(args, 'environmentId') ? ', in every environment that is no fork' : ''
  const source = member(input, 'source')
  const reasons = when(
    [
      items(member(input, 'preDeployCommand')).length > 0,
      runsCode('sets a command that runs before each deploy'),
    ],
    [given(input, 'startCommand'), runsCode('sets the command that the service starts with')],
    [
      given(source, 'image') || given(source, 'repo'),
      runsCode('lets another source run in the service'),
    ],
    [
      given(input, 'cronSchedule'),
      outage('runs-by-schedule', 'makes the service run by schedule only, and stop in between'),
    ],
    [member(input, 'sleepApplication') === true, outage('sleeps', 'lets the service sleep')],
    [
      given(input, 'region') || movesRegion(member(input, 'multiRegionConfig')),
      outage('region-moved', 'moves or stops the service in a region, its volume with it'),
    ],
    [isNothing(input, 'numReplicas'), outage('scaled-to-zero', 'leaves no copy that runs')],
  )
  return reasons.map((reason) => ({ ...reason, why: `${reason.why}${everywhere}` }))
}

/** A region set to null or to no copies goes; any other list of regions may be another one than today's. */
export function movesRegion(value: JsonObject[string] | undefined): boolean {
  return value !== undefined && value !== null
}

/** A number that is there and not above zero. */
export function isNothing(value: JsonObject[string] | undefined, name: string): boolean {
  const found = member(value, name)
  return typeof found === 'number' && found <= 0
}
