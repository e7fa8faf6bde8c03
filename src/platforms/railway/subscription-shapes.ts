/** Every subscription with its arguments; written by `scripts/railway-shapes.ts` from the platform's schema. */

export const subscriptionShapes: { readonly [name: string]: string } = {
  buildLogs: 'deploymentId:String! filter:String limit:Int',
  deployment: 'id:String!',
  deploymentEvents: 'id:String!',
  deploymentInstanceExecutions: 'input:DeploymentInstanceExecutionInput!',
  deploymentLogs: 'deploymentId:String! filter:String limit:Int',
  dnsQueryLogs:
    'afterDate:String afterLimit:Int anchorDate:String beforeDate:String beforeLimit:Int deploymentInstanceId:String environmentId:String! filter:String serviceId:String',
  environmentLogs:
    'afterDate:String afterLimit:Int anchorDate:String beforeDate:String beforeLimit:Int environmentId:String! filter:String',
  environmentStagedPatch: 'environmentId:String!',
  httpLogs:
    'afterDate:String afterLimit:Int anchorDate:String beforeDate:String beforeLimit:Int deploymentId:String! filter:String',
  networkFlowLogs:
    'afterDate:String afterLimit:Int anchorDate:String beforeDate:String beforeLimit:Int deploymentInstanceId:String environmentId:String! filter:String serviceId:String',
  notificationDeliveryUpdated: '',
  pluginLogs: 'environmentId:String! filter:String limit:Int pluginId:String!',
  replicationProgress: 'volumeInstanceId:String!',
}
