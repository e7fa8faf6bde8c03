/** Domains, addresses, ports and the edge: names that others can take, and what becomes reachable. */
import { given, items, lacks, member, text, when } from './row.ts'
import type { Reason, Rows } from './row.ts'

const keepName = ['keep the domain and point it at another service'] as const

const redirects: Reason = {
  effect: 'destroy',
  kinds: ['name'],
  rule: 'name-redirected',
  why: 'hands the mail or the names of the domain to another server',
}

export const networkRows: Rows = {
  customDomainCreate: {
    effect: 'write',
    why: 'adds a domain that works once its owner points it here',
  },
  customDomainUpdate: {
    effect: 'write',
    why: 'sets the port behind the domain',
    id: 'customDomain',
  },
  customDomainIssueCertificate: {
    effect: 'write',
    why: 'gets a certificate for the domain',
    id: 'customDomain',
  },
  customDomainDelete: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'lets the domain go while its DNS still points here, so that another account can claim it',
    id: 'customDomain',
    instead: keepName,
  },
  serviceDomainCreate: {
    effect: 'expose',
    why: 'makes the service reachable from everywhere, at once',
    instead: ['reach the service through the private network'],
  },
  serviceDomainUpdate: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'gives the domain another name; the old one can be taken by others',
    instead: ['add a second domain'],
  },
  serviceDomainDelete: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'lets the domain go, and others can take its name',
    id: 'serviceDomain',
    instead: keepName,
  },
  tcpProxyCreate: {
    effect: 'expose',
    why: 'opens a port of the service to everybody',
    instead: ['reach the service through the private network'],
  },
  tcpProxyDelete: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'gives up an address and port that cannot be had again; whoever connects there is cut off',
    id: 'tcpProxy',
  },
  egressGatewayAssociationCreate: {
    effect: 'write',
    why: 'gives the service an outbound address of its own',
  },
  egressGatewayAssociationsClear: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'gives up the outbound addresses that others let through their firewalls',
    instead: ['keep the addresses'],
  },
  egressGatewayHAMigrationPreview: {
    effect: 'read',
    why: 'tells which addresses would be given and gives none',
  },
  egressGatewayUpgradeToHA: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'replaces the outbound addresses by others, and the old ones are gone',
  },
  egressGatewayRollbackFromHA: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'replaces the outbound addresses by another one, and the old ones are gone',
  },
  privateNetworkCreateOrGet: { effect: 'write', why: 'makes a private network' },
  privateNetworkEndpointCreateOrGet: { effect: 'write', why: 'gives the service a private name' },
  privateNetworkEndpointRename: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'changes the private name; who asks for the old one gets no answer',
  },
  privateNetworkEndpointDelete: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'takes the private name away; other services do not find this one any more',
  },
  privateNetworksForEnvironmentDelete: {
    effect: 'destroy',
    kinds: ['outage'],
    why: 'takes the private networks away; the services of the environment lose each other',
  },
  enableServiceCdn: { effect: 'write', why: 'puts a cache before the service' },
  disableServiceCdn: {
    effect: 'expose',
    why: 'takes the edge away, and with it the rules that keep visitors out',
    instead: ['switch the cache off in `updateServiceEdgeConfig`'],
  },
  updateServiceEdgeConfig: { effect: 'write', why: 'changes how the edge caches' },
  updateServiceEdgeRules: {
    effect: 'destroy',
    kinds: ['guard'],
    why: 'replaces every rule that keeps visitors out; what is not in the new set is gone',
    instead: ['check the whole new set with `validateServiceEdgeRules`'],
  },
  purgeServiceCache: { effect: 'write', why: 'empties the cache, which fills again' },
  setServiceUnderAttackMode: {
    effect: 'write',
    why: 'lets every visitor in again',
    more: (args) =>
      when([
        member(member(args, 'input'), 'enabled') === true,
        {
          effect: 'destroy',
          kinds: ['outage'],
          rule: 'clients-turned-away',
          why: 'turns programs away that cannot answer a challenge',
        },
      ]),
  },
  railwayDomainDnsRecordCreate: {
    effect: 'write',
    why: 'adds a record to the domain',
    more: (args) =>
      when([['MX', 'NS'].includes(text(member(member(args, 'input'), 'type'))), redirects]),
  },
  railwayDomainDnsRecordUpdate: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'lets a name of the domain lead elsewhere',
  },
  railwayDomainDnsRecordDelete: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'takes a name of the domain away',
  },
  railwayDomainNameserversSet: {
    effect: 'destroy',
    kinds: ['name'],
    why: 'hands the whole domain to other name servers',
  },
  railwayDomainUpdate: {
    effect: 'write',
    why: 'keeps the domain renewed',
    more: (args) =>
      when([
        member(member(args, 'input'), 'autoRenewEnabled') === false,
        {
          effect: 'destroy',
          kinds: ['name'],
          rule: 'domain-lapses',
          why: 'lets the domain lapse at the end of its term, and others can buy it',
          instead: ['leave renewal on'],
        },
      ]),
  },
  integrationCreate: {
    effect: 'expose',
    why: 'connects the project with a service outside, which gets to see it',
  },
  integrationUpdate: {
    effect: 'expose',
    why: 'connects the project with a service outside in another way',
    id: 'integration',
  },
  integrationDelete: { effect: 'write', why: 'ends a connection', id: 'integration' },
  webhookTest: {
    effect: 'expose',
    why: 'lets the platform send any text to any address',
    instead: ['test a webhook with a payload from your own machine'],
  },
  notificationRuleCreate: {
    effect: 'expose',
    why: 'lets the platform tell what happens here to an address that the call names',
  },
  notificationRuleUpdate: {
    effect: 'write',
    why: 'changes what is told',
    id: 'notificationRule',
    more: (args) => alarms(member(args, 'input')),
  },
  notificationRuleDelete: {
    effect: 'destroy',
    kinds: ['guard'],
    why: 'ends alarms that tell people when something breaks',
    id: 'notificationRule',
    instead: ['mark the messages as read'],
  },
  notificationDeliveriesMarkAsRead: { effect: 'write', why: 'marks messages as read' },
}

function alarms(input: Parameters<typeof member>[0]): readonly Reason[] {
  const channels = member(input, 'channelConfigs')
  return when(
    [
      items(channels).length > 0,
      {
        effect: 'expose',
        rule: 'alarms-sent-elsewhere',
        why: 'lets the platform tell what happens here to an address that the call names',
      },
    ],
    [
      ['eventTypes', 'severities'].some((name) => given(input, name)) ||
        (channels !== undefined && items(channels).length === 0),
      {
        effect: 'destroy',
        kinds: ['guard'],
        rule: 'alarms-narrowed',
        why: 'changes which alarms people get; those that are left out fall silent',
        instead: lacks(input, 'eventTypes') ? [] : ['keep every event that is told today'],
      },
    ],
  )
}
