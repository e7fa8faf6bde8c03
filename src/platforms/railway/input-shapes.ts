/** Every input object with its fields; written by `scripts/railway-shapes.ts` from the platform's schema. */

export const inputShapes: { readonly [name: string]: string } = {
  AgentUsageLimitSetInput: 'hardLimitCents:Int! softLimitCents:Int workspaceId:String!',
  ApiTokenCreateInput: 'name:String! workspaceId:String',
  AuditLogFilterInput:
    'endDate:DateTime environmentId:String eventTypes:[String!] projectId:String startDate:DateTime',
  BaseEnvironmentOverrideInput: 'baseEnvironmentOverrideId:String',
  BucketCreateInput: 'environmentId:String name:String projectId:String!',
  BucketUpdateInput: 'name:String!',
  CliAuthEventTrackInput:
    'agentSessionId:String arch:String caller:String cliVersion:String errorMessage:String installRequestId:String isCi:Boolean os:String outcome:String! sessionId:String success:Boolean! transport:String! transportReason:String',
  CliEventTrackInput:
    'agentSessionId:String arch:String! caller:String cliVersion:String! command:String! durationMs:Int! environmentId:String errorClass:String errorMessage:String installRequestId:String isCi:Boolean! os:String! projectId:String serviceId:String sessionId:String subCommand:String success:Boolean! workspaceId:String',
  CloudAgentCreateInput: 'environmentId:String! name:String variables:JSON',
  CloudAgentSnapshotInput:
    'harness:String! lastEventKind:String! prompt:String sessionId:String! sessionName:String state:String! taskId:String terminal:Boolean! updatedAt:String!',
  CloudAgentStateReportInput:
    'agents:[CloudAgentSnapshotInput!]! cloudAgentId:String! reportedAt:String!',
  CreateNotificationRuleInput:
    'channelConfigs:[NotificationChannelConfig!]! ephemeralEnvironments:Boolean eventTypes:[String!]! projectId:String severities:[NotificationSeverity!] workspaceId:String!',
  CustomDomainCreateInput:
    'domain:String! environmentId:String! projectId:String! serviceId:String! targetPort:Int',
  DeploymentInstanceExecutionCreateInput: 'serviceInstanceId:String!',
  DeploymentInstanceExecutionInput: 'deploymentId:String!',
  DeploymentInstanceExecutionListInput: 'environmentId:String! serviceId:String!',
  DeploymentListInput:
    'environmentId:String includeDeleted:Boolean projectId:String serviceId:String status:DeploymentStatusInput',
  DeploymentStatusInput: 'in:[DeploymentStatus!] notIn:[DeploymentStatus!]',
  DeploymentTriggerCreateInput:
    'branch:String! checkSuites:Boolean environmentId:String! projectId:String! provider:String! repository:String! rootDirectory:String serviceId:String!',
  DeploymentTriggerUpdateInput:
    'branch:String checkSuites:Boolean repository:String rootDirectory:String',
  DisablePitrForHaClusterInput: 'environmentId:String! projectId:String! rootServiceId:String!',
  DisableServiceCdnInput: 'environmentId:String! serviceId:String!',
  EdgeCachingConfigInput:
    'defaultTtlSeconds:Int htmlCaching:String mode:String purgeOnDeploy:PurgeOnDeploy staleWhileRevalidate:StaleWhileRevalidateInput',
  EdgeConfigInput: 'caching:EdgeCachingConfigInput',
  EgressGatewayCreateInput: 'environmentId:String! region:String serviceId:String!',
  EgressGatewayServiceTargetInput:
    'allEnvironments:Boolean environmentId:String! serviceId:String!',
  EnablePitrForHaClusterInput: 'environmentId:String! projectId:String! rootServiceId:String!',
  EnableServiceCdnInput: 'config:EdgeConfigInput environmentId:String! serviceId:String!',
  EnvironmentCreateInput:
    'applyChangesInBackground:Boolean ephemeral:Boolean name:String! projectId:String! skipInitialDeploys:Boolean sourceEnvironmentId:String stageInitialChanges:Boolean',
  EnvironmentRenameInput: 'name:String!',
  EnvironmentTriggersDeployInput: 'environmentId:String! projectId:String! serviceId:String!',
  EventFilterInput:
    'action:EventStringListFilter object:EventStringListFilter serviceId:EventStringListFilter',
  EventStringListFilter: 'in:[String!] notIn:[String!]',
  ExplicitOwnerInput: 'id:String! type:ResourceOwnerType',
  FeatureFlagToggleInput: 'flag:ActiveFeatureFlag!',
  GitHubRepoDeployInput: 'branch:String environmentId:String projectId:String! repo:String!',
  GitHubRepoUpdateInput: 'environmentId:String! projectId:String! serviceId:String!',
  HerokuImportVariablesInput:
    'environmentId:String! herokuAppId:String! projectId:String! serviceId:String!',
  IntegrationCreateInput: 'config:JSON! integrationAuthId:String name:String! projectId:String!',
  IntegrationUpdateInput: 'config:JSON! integrationAuthId:String name:String! projectId:String!',
  JobApplicationCreateInput: 'email:String! jobId:String! name:String! why:String!',
  LoginSessionAuthInput: 'code:String! hostname:String',
  NotificationDeliveryFilterInput:
    'environmentId:String onlyUnread:Boolean projectId:String status:NotificationStatus type:NotificationDeliveryType workspaceId:String',
  ObservabilityDashboardCreateInput:
    'environmentId:String! items:[ObservabilityDashboardUpdateInput!]',
  ObservabilityDashboardItemConfigInput:
    'httpMetric:HttpMetricKind logsFilter:String measurements:[MetricMeasurement!] projectUsageProperties:[ProjectUsageProperty!] resourceIds:[String!]',
  ObservabilityDashboardItemCreateInput:
    'config:ObservabilityDashboardItemConfigInput! description:String id:String! name:String! type:ObservabilityDashboardItemType!',
  ObservabilityDashboardUpdateInput:
    'dashboardItem:ObservabilityDashboardItemCreateInput! displayConfig:DisplayConfig! id:String!',
  PluginCreateInput: 'environmentId:String friendlyName:String name:String! projectId:String!',
  PluginRestartInput: 'environmentId:String',
  PluginUpdateInput: 'friendlyName:String!',
  PreferencesUpdateData:
    'buildFailedEmail:Boolean changelogEmail:Boolean communityEmail:Boolean deployCrashedEmail:Boolean ephemeralEnvironmentEmail:Boolean marketingEmail:Boolean subprocessorUpdatesEmail:Boolean templateQueueEmail:Boolean token:String usageEmail:Boolean',
  PrivateNetworkCreateOrGetInput:
    'environmentId:String! name:String! projectId:String! tags:[String!]!',
  PrivateNetworkEndpointCreateOrGetInput:
    'environmentId:String! privateNetworkId:String! serviceId:String! serviceName:String! tags:[String!]!',
  ProjectCreateInput:
    'defaultEnvironmentName:String description:String isMonorepo:Boolean isPublic:Boolean name:String prDeploys:Boolean repo:ProjectCreateRepo runtime:PublicRuntime workspaceId:String',
  ProjectCreateRepo: 'branch:String! fullRepoName:String!',
  ProjectFeatureFlagToggleInput: 'flag:ActiveProjectFeatureFlag! projectId:String!',
  ProjectInviteUserInput: 'email:String! link:String!',
  ProjectInvitee: 'email:String! role:ProjectRole!',
  ProjectMemberAddInput: 'projectId:String! role:ProjectRole! userId:String!',
  ProjectMemberRemoveInput: 'projectId:String! userId:String!',
  ProjectMemberUpdateInput: 'projectId:String! role:ProjectRole! userId:String!',
  ProjectTokenCreateInput: 'environmentId:String! name:String! projectId:String!',
  ProjectTransferConfirmInput:
    'destinationWorkspaceId:String ownershipTransferId:String! projectId:String!',
  ProjectTransferInitiateInput: 'memberId:String! projectId:String!',
  ProjectTransferInput: 'workspaceId:String!',
  ProjectTransferToTeamInput: 'teamId:String!',
  ProjectUpdateInput:
    'baseEnvironmentId:String botPrEnvironments:Boolean description:String focusedPrEnvironments:Boolean isPublic:Boolean name:String prDeploys:Boolean',
  PurgeServiceCacheInput: 'environmentId:String! scope:PurgeCacheScope! serviceId:String!',
  RailwayDomainDnsRecordCreateInput:
    'answer:String! domain:String! host:String! priority:Int ttl:Int type:RailwayDomainDnsRecordType! workspaceId:String!',
  RailwayDomainDnsRecordDeleteInput: 'domain:String! recordId:Int! workspaceId:String!',
  RailwayDomainDnsRecordUpdateInput:
    'answer:String! domain:String! host:String! priority:Int recordId:Int! ttl:Int type:RailwayDomainDnsRecordType! workspaceId:String!',
  RailwayDomainNameserversSetInput: 'id:String! nameservers:[String!]!',
  RailwayDomainUpdateInput: 'autoRenewEnabled:Boolean id:String!',
  RecoveryCodeValidateInput: 'code:String! twoFactorLinkingKey:String',
  ReferralInfoUpdateInput: 'code:String! workspaceId:String!',
  RegistryCredentialsInput: 'password:String! username:String!',
  ResetPluginCredentialsInput: 'environmentId:String!',
  ResetPluginInput: 'environmentId:String!',
  SandboxCreateInput:
    'environmentId:String! idleTimeoutMinutes:Int networkIsolation:SandboxNetworkIsolation region:String sourceSandboxId:String template:SandboxTemplateInput variables:EnvironmentVariables',
  SandboxTemplateInput:
    'baseImageDigest:String instructions:[String!] name:String variables:EnvironmentVariables',
  ServiceConnectInput: 'branch:String image:String repo:String',
  ServiceCreateInput:
    'branch:String environmentId:String icon:String name:String projectId:String! registryCredentials:RegistryCredentialsInput source:ServiceSourceInput templateId:String templateServiceId:String variables:EnvironmentVariables',
  ServiceDomainCreateInput: 'environmentId:String! serviceId:String! targetPort:Int',
  ServiceDomainUpdateInput:
    'domain:String! environmentId:String! serviceDomainId:String! serviceId:String! targetPort:Int',
  ServiceFeatureFlagToggleInput: 'flag:ActiveServiceFeatureFlag! serviceId:String!',
  ServiceInstanceAutoDeployUpdateInput:
    'enabled:Boolean! environmentId:String! projectId:String! serviceId:String!',
  ServiceInstanceLimitsUpdateInput:
    'environmentId:String! memoryGB:Float serviceId:String! vCPUs:Float',
  ServiceInstanceUpdateInput:
    'buildCommand:String builder:Builder cronSchedule:String dockerfilePath:String drainingSeconds:Int healthcheckPath:String healthcheckTimeout:Int ipv6EgressEnabled:Boolean multiRegionConfig:JSON nixpacksPlan:JSON numReplicas:Int overlapSeconds:Int preDeployCommand:[String!] railwayConfigFile:String region:String registryCredentials:RegistryCredentialsInput restartPolicyMaxRetries:Int restartPolicyType:RestartPolicyType rootDirectory:String sleepApplication:Boolean source:ServiceSourceInput startCommand:String watchPatterns:[String!]',
  ServiceSourceInput: 'image:String repo:String',
  ServiceUpdateInput: 'icon:String name:String',
  SetServiceUnderAttackModeInput:
    'durationSeconds:Int enabled:Boolean! environmentId:String! serviceId:String!',
  SetupAgentEventTrackInput:
    'agentSessionId:String arch:String caller:String cliVersion:String configuredClients:[String!] errorMessage:String installRequestId:String isCi:Boolean os:String phase:String! sessionId:String success:Boolean',
  SharedVariableConfigureInput:
    'disabledServiceIds:[String!]! enabledServiceIds:[String!]! environmentId:String! name:String! projectId:String!',
  ShellTokenInput:
    'environmentId:String! instanceId:String! kind:String port:Int scope:String! serviceId:String',
  SignalCreateInput:
    'default:JSON! name:String! owner:String! type:SignalType! writableBy:[String!]',
  SignalDefaultSetInput: 'default:JSON! name:String! owner:String!',
  SignalDeleteInput: 'name:String! owner:String!',
  SignalReplaceInput: 'default:JSON! name:String! owner:String! type:SignalType!',
  SignalRollbackInput: 'name:String! owner:String! seq:BigInt!',
  SignalRuleSetInput: 'expression:JSON! name:String! owner:String! ruleId:String! value:JSON!',
  SignalRuleUnsetInput: 'name:String! owner:String! ruleId:String!',
  SshPublicKeyCreateInput: 'name:String! publicKey:String! workspaceId:String',
  StaleWhileRevalidateInput: 'enabled:Boolean!',
  TCPProxyCreateInput: 'applicationPort:Int! environmentId:String! serviceId:String!',
  TemplateCloneInput: 'code:String! workspaceId:String',
  TemplateDeleteInput: 'workspaceId:String',
  TemplateDeployInput:
    'environmentId:String projectId:String services:[TemplateDeployService!]! templateCode:String workspaceId:String',
  TemplateDeployService:
    'commit:String hasDomain:Boolean healthcheckPath:String id:String! isPrivate:Boolean name:String owner:String preDeployCommand:[String!] rootDirectory:String serviceDomainPorts:[Int!] serviceIcon:String serviceName:String! startCommand:String tcpProxyApplicationPort:Int tcpProxyApplicationPorts:[Int!] template:String! variables:EnvironmentVariables volumes:[TemplateVolume!]',
  TemplateDeployV2Input:
    'environmentId:String existingRootServiceId:String projectId:String serializedConfig:SerializedTemplateConfig! stageOnly:Boolean templateId:String! workspaceId:String',
  TemplateGenerateInput: 'environmentId:String projectId:String!',
  TemplatePublishInput:
    'category:String! demoProjectId:String description:String! image:String readme:String! workspaceId:String',
  TemplateRevertInput:
    'environmentId:String! groupId:String projectId:String! rootServiceId:String! stageOnly:Boolean templateCode:String!',
  TemplateServiceSourceEjectInput:
    'projectId:String! repoName:String! repoOwner:String! serviceIds:[String!]! upstreamUrl:String!',
  TwoFactorInfoCreateInput: 'token:String!',
  TwoFactorInfoValidateInput: 'token:String! twoFactorLinkingKey:String',
  UpdateNotificationRuleInput:
    'channelConfigs:[NotificationChannelConfig!] ephemeralEnvironments:Boolean eventTypes:[String!] severities:[NotificationSeverity!]',
  UpdateServiceEdgeConfigInput: 'config:EdgeConfigInput! environmentId:String! serviceId:String!',
  UpdateServiceEdgeRulesInput: 'edgeRules:JSON environmentId:String! serviceId:String!',
  UsageLimitRemoveInput: 'customerId:String!',
  UsageLimitSetInput: 'customerId:String! hardLimitDollars:Int softLimitDollars:Int!',
  UserFlagsRemoveInput: 'flags:[UserFlag!]! userId:String',
  UserFlagsSetInput: 'flags:[UserFlag!]! userId:String',
  UserProfileUpdateInput: 'bio:String isPublic:Boolean! website:String',
  ValidateServiceEdgeRulesInput: 'edgeRules:JSON! environmentId:String! serviceId:String!',
  VariableCollectionUpsertInput:
    'environmentId:String! projectId:String! replace:Boolean serviceId:String skipDeploys:Boolean variables:EnvironmentVariables!',
  VariableDeleteInput: 'environmentId:String! name:String! projectId:String! serviceId:String',
  VariableUpsertInput:
    'environmentId:String! name:String! projectId:String! serviceId:String skipDeploys:Boolean value:String!',
  VolumeCreateInput:
    'environmentId:String mountPath:String! projectId:String! region:String serviceId:String',
  VolumeInstanceUpdateInput: 'mountPath:String serviceId:String state:VolumeState',
  VolumeUpdateInput: 'name:String',
  WorkspaceInviteCodeCreateInput: 'role:String!',
  WorkspacePermissionChangeInput: 'role:TeamRole! userId:String! workspaceId:String!',
  WorkspacePolicyItemUpdateInput: 'enabled:Boolean! policy:WorkspacePolicyName!',
  WorkspaceTrustedDomainCreateInput: 'domainName:String! role:String! workspaceId:String!',
  WorkspaceTrustedDomainUpdateInput: 'id:String! role:String!',
  WorkspaceUpdateInput: 'avatar:String name:String preferredRegion:String',
  WorkspaceUserInviteInput: 'code:String! email:String!',
  WorkspaceUserRemoveInput: 'userId:String!',
  customerTogglePayoutsToCreditsInput: 'isWithdrawingToCredits:Boolean!',
}
