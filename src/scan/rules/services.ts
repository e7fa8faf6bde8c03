/** Services that applications call: payments, messages, models, monitoring. */
import { named, shape, within } from '../rule.ts'
import type { Rule } from '../rule.ts'

const word = (least: number, most = least): string => `[A-Za-z0-9]{${least},${most}}`
const wordy = (least: number, most = least): string => `[A-Za-z0-9_-]{${least},${most}}`
const hex = (least: number, most = least): string => `[0-9a-f]{${least},${most}}`

export const services: readonly Rule[] = [
  shape('stripe-key', 'stripe', [['sk_live_', 'rk_live_', 'sk_org_live_'], word(16, 250)], {
    least: 16,
  }),
  shape('stripe-test-key', 'stripe', [['sk_test_', 'rk_test_'], word(16, 250)], {
    least: 16,
    low: true,
  }),
  shape('stripe-webhook-secret', 'stripe', [['whsec_'], '[A-Za-z0-9+/]{32,64}'], { least: 32 }),
  shape('square-token', 'square', [['sq0atp-', 'sq0csp-'], wordy(22, 44)], { least: 22 }),
  shape('shopify-token', 'shopify', [['shpat_', 'shpca_', 'shppa_', 'shpss_'], '[a-fA-F0-9]{32}'], {
    least: 32,
  }),
  shape(
    'slack-token',
    'slack',
    [
      ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.xox', 'xapp-1-'],
      '[A-Za-z0-9.-]{20,250}',
    ],
    { least: 8, alone: 'A-Za-z0-9.-' },
  ),
  shape('slack-webhook', 'slack', [
    ['hooks.slack.com/services/'],
    'T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,28}',
  ]),
  shape('discord-webhook', 'discord', [
    ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    String.raw`\d{17,20}/[A-Za-z0-9_-]{60,72}`,
  ]),
  within('telegram-bot-token', 'telegram', [[':aa'], String.raw`\d{8,10}:AA[A-Za-z0-9_-]{33}`], {
    least: 33,
  }),
  shape('sendgrid-key', 'sendgrid', [['SG.'], String.raw`[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}`], {
    least: 22,
  }),
  shape('resend-key', 'resend', [['re_'], '[A-Za-z0-9]{8}_[A-Za-z0-9]{24}'], { least: 33 }),
  shape('brevo-key', 'brevo', [['xkeysib-'], `${hex(64)}-${word(16)}`], { least: 64 }),
  named('mailgun-key', 'mailgun', [['mailgun'], `(?:key-)?${hex(32)}(?:-${hex(8)}-${hex(8)})?`]),
  named('twilio-secret', 'twilio', [['twilio'], hex(32)]),
  named('postmark-token', 'postmark', [
    ['postmark'],
    '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  ]),
  shape('openai-key', 'openai', [['sk-proj-', 'sk-svcacct-', 'sk-admin-'], wordy(40, 220)], {
    least: 40,
  }),
  within('openai-key', 'openai', [['t3blbkfj'], 'sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}'], {
    starts: ['sk-'],
  }),
  shape(
    'anthropic-key',
    'anthropic',
    [['sk-ant-'], '(?:api|admin|oat|ort|sid)\\d{2}-[A-Za-z0-9_-]{60,130}'],
    { least: 60 },
  ),
  shape('openrouter-key', 'openrouter', [['sk-or-v1-'], hex(64)], { least: 64 }),
  shape('groq-key', 'groq', [['gsk_'], word(50, 56)], { least: 50 }),
  shape('xai-key', 'xai', [['xai-'], word(70, 90)], { least: 70 }),
  shape('huggingface-token', 'huggingface', [['hf_', 'api_org_'], '[A-Za-z]{34}'], { least: 34 }),
  shape('replicate-token', 'replicate', [['r8_'], word(37)], { least: 37 }),
  shape('perplexity-key', 'perplexity', [['pplx-'], word(40, 60)], { least: 40 }),
  named('datadog-key', 'datadog', [['datadog', 'dd_api', 'dd_app'], `(?:${hex(40)}|${hex(32)})`]),
  shape('newrelic-key', 'newrelic', [['NRAK-'], '[A-Z0-9]{27}'], { least: 27 }),
  shape('sentry-token', 'sentry', [['sntrys_', 'sntryu_'], '[A-Za-z0-9+/=_-]{40,400}'], {
    least: 40,
  }),
  shape('grafana-token', 'grafana', [['glsa_'], `${word(32)}_${hex(8)}`], { least: 32 }),
  shape('grafana-token', 'grafana', [['glc_'], '[A-Za-z0-9+/=]{40,400}'], { least: 40 }),
  shape('linear-key', 'linear', [['lin_api_', 'lin_oauth_'], word(32, 64)], { least: 32 }),
  shape('notion-token', 'notion', [['ntn_'], word(40, 60)], { least: 40 }),
  shape('figma-token', 'figma', [['figd_'], wordy(38, 60)], { least: 38 }),
]
