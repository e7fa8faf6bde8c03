/** Clouds: AWS, Google, Azure, DigitalOcean, Hetzner, Cloudflare and their like. */
import { called, named, near, shape, within } from '../rule.ts'
import type { Rule } from '../rule.ts'

const uuid = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
const mixed = (text = ''): boolean => /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text)
const isMixed: Rule['check'] = ({ secret }) => mixed(secret)

export const cloud: readonly Rule[] = [
  // The letters of base 32 (RFC 4648 §6): an account's number is in them.
  shape('aws-access-key', 'aws', [['AKIA', 'ASIA', 'ABIA', 'ACCA'], '[A-Z2-7]{16}'], { least: 16 }),
  called(
    'aws-secret-key',
    'aws',
    [
      [
        'aws_secret_access_key',
        'aws_secret_key',
        'secret_access_key',
        'secretaccesskey',
        'aws_secret',
      ],
      '[A-Za-z0-9/+]{40}',
    ],
    { glued: true, check: isMixed },
  ),
  near('aws-secret-key', 'aws', [['akia'], '[A-Za-z0-9/+]{40}'], { around: 400, check: isMixed }),
  shape('google-api-key', 'google', [['AIza'], '[A-Za-z0-9_-]{35}'], { least: 35 }),
  shape('google-oauth-secret', 'google', [['GOCSPX-'], '[A-Za-z0-9_-]{28}'], { least: 28 }),
  shape('google-access-token', 'google', [['ya29.'], '[A-Za-z0-9_-]{60,1200}'], {
    least: 60,
    most: 1300,
  }),
  shape('google-refresh-token', 'google', [['1//0'], '[A-Za-z0-9_-]{60,140}'], { least: 60 }),
  called(
    'azure-storage-key',
    'azure',
    [['accountkey', 'azure_storage_key'], '[A-Za-z0-9+/]{86}=='],
    { glued: true },
  ),
  called('azure-shared-key', 'azure', [['sharedaccesskey'], '[A-Za-z0-9+/]{43}=']),
  within('azure-client-secret', 'azure', [['8q~'], '[A-Za-z0-9_.~-]{3}8Q~[A-Za-z0-9_.~-]{31,34}']),
  shape('digitalocean-token', 'digitalocean', [['dop_v1_', 'doo_v1_', 'dor_v1_'], '[a-f0-9]{64}'], {
    least: 60,
  }),
  named('hetzner-token', 'hetzner', [['hcloud', 'hetzner'], '[A-Za-z0-9]{64}'], { check: isMixed }),
  near('hetzner-token', 'hetzner', [['api.hetzner.cloud'], '[A-Za-z0-9]{64}'], { check: isMixed }),
  shape('cloudflare-token', 'cloudflare', [['cfut_', 'cfat_', 'cfk_'], '[A-Za-z0-9_-]{36,80}'], {
    least: 36,
  }),
  named('cloudflare-token', 'cloudflare', [
    ['cloudflare', 'cf_api', 'cf_token'],
    '(?:[A-Za-z0-9_-]{40}|[0-9a-f]{37})',
  ]),
  near(
    'cloudflare-token',
    'cloudflare',
    [['api.cloudflare.com'], '(?:[A-Za-z0-9_-]{40}|[0-9a-f]{37})'],
    { check: isMixed },
  ),
  shape('cloudflare-origin-key', 'cloudflare', [['v1.0-'], '[a-f0-9]{24}-[a-f0-9]{100,180}'], {
    least: 24,
  }),
  named('scaleway-key', 'scaleway', [['scw_secret', 'scaleway'], uuid]),
  named('linode-token', 'linode', [['linode'], '[a-f0-9]{64}']),
  named('vultr-key', 'vultr', [['vultr'], '[A-Z0-9]{36}']),
  named('backblaze-key', 'backblaze', [
    ['b2_application', 'backblaze'],
    'K00[0-9][A-Za-z0-9+/]{27}',
  ]),
  shape('alibaba-key', 'alibaba', [['LTAI'], '[A-Za-z0-9]{12,24}'], { least: 12, check: isMixed }),
  shape(
    'tailscale-key',
    'tailscale',
    [['tskey-'], '(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{16,48}'],
    { least: 20 },
  ),
]
