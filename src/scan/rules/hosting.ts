/** Platforms that run applications and keep their data: Railway, Fly, Vercel, Netlify, Heroku, Render, Supabase, Neon and their like. */
import { named, near, shape } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { claims } from '../jwt.ts'

const uuid = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}'
const word = (least: number, most = least): string => `[A-Za-z0-9]{${least},${most}}`
const wordy = (least: number, most = least): string => `[A-Za-z0-9_-]{${least},${most}}`
const hex = (least: number, most = least): string => `[0-9a-f]{${least},${most}}`
const jwt = String.raw`[A-Za-z0-9_-]{10,400}\.[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{20,700}`

export const hosting: readonly Rule[] = [
  shape('railway-session', 'railway', [['rw_Fe26.2**'], '[A-Za-z0-9_.*~-]{40,900}'], {
    most: 1024,
  }),
  named('railway-token', 'railway', [['railway'], uuid]),
  near('railway-token', 'railway', [
    ['backboard.railway', 'railway.app/graphql', 'railway.com/graphql'],
    uuid,
  ]),
  shape(
    'fly-token',
    'fly',
    [
      ['fm1r_', 'fm1a_', 'fm2_'],
      '[A-Za-z0-9+/=_-]{60,3000}(?:,fm[12][ra]?_[A-Za-z0-9+/=_-]{20,3000}){0,8}',
    ],
    { most: 16_384, least: 40, alone: 'A-Za-z0-9+/=_-' },
  ),
  shape('fly-token', 'fly', [['fo1_'], wordy(40, 60)], { least: 30 }),
  shape('vercel-token', 'vercel', [['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'], word(24, 80)], {
    least: 20,
  }),
  named('vercel-token', 'vercel', [['vercel'], word(24)]),
  near('vercel-token', 'vercel', [['api.vercel.com'], word(24)]),
  shape('netlify-token', 'netlify', [['nfp_', 'nfc_', 'nfo_', 'nfu_'], word(36, 60)], {
    least: 30,
  }),
  named('netlify-token', 'netlify', [['netlify'], `(?:${wordy(40, 46)}|${hex(64)})`]),
  near('netlify-token', 'netlify', [['api.netlify.com'], wordy(40, 46)]),
  shape('heroku-token', 'heroku', [['HRKU-'], `(?:${uuid}|${wordy(50, 70)})`], { least: 30 }),
  named('heroku-token', 'heroku', [['heroku'], uuid]),
  near('heroku-token', 'heroku', [['api.heroku.com'], uuid]),
  shape('render-key', 'render', [['rnd_'], word(26, 40)], { least: 24 }),
  shape('supabase-token', 'supabase', [['sbp_'], `(?:${hex(40)}|(?:oauth|v0)_${hex(40)})`], {
    least: 36,
  }),
  shape('supabase-secret-key', 'supabase', [['sb_secret_'], wordy(20, 60)], { least: 20 }),
  {
    ...shape('supabase-service-key', 'supabase', [['eyJ'], jwt], { most: 3200, least: 20 }),
    check: ({ secret }) => claims(secret ?? '')?.['role'] === 'service_role',
  },
  shape('neon-key', 'neon', [['napi_'], '[a-z0-9]{40,80}'], { least: 40 }),
  shape(
    'planetscale-token',
    'planetscale',
    [['pscale_tkn_', 'pscale_oauth_', 'pscale_pw_'], '[A-Za-z0-9_.-]{32,64}'],
    { least: 30 },
  ),
  shape('aiven-secret', 'aiven', [['AVNS_'], wordy(18, 24)], { least: 18 }),
  shape('atlas-service-key', 'mongodb-atlas', [['mdb_sa_sk_'], wordy(30, 60)], { least: 30 }),
  shape('convex-deploy-key', 'convex', [
    ['prod:'],
    String.raw`[a-z]{3,20}-[a-z]{3,20}-\d{1,4}\|[A-Za-z0-9+/=]{40,200}`,
  ]),
  shape('deno-token', 'deno', [['ddp_', 'ddo_', 'ddw_'], word(36)], { least: 36 }),
  named('koyeb-token', 'koyeb', [['koyeb'], word(64)]),
]
