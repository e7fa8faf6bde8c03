/** Forges, registries of packages, build servers, stores of secrets and infrastructure as code. */
import { called, place, shape, within } from '../rule.ts'
import type { Rule } from '../rule.ts'

const word = (least: number, most = least): string => `[A-Za-z0-9]{${least},${most}}`
const wordy = (least: number, most = least): string => `[A-Za-z0-9_-]{${least},${most}}`

export const code: readonly Rule[] = [
  shape('github-token', 'github', [['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], word(36, 255)], {
    least: 36,
  }),
  shape('github-fine-token', 'github', [['github_pat_'], word(22) + '_' + word(59)], { least: 80 }),
  shape(
    'gitlab-token',
    'gitlab',
    [
      [
        'glpat-',
        'gldt-',
        'glrt-',
        'glptt-',
        'glcbt-',
        'glft-',
        'glimt-',
        'glagent-',
        'gloas-',
        'glsoat-',
      ],
      String.raw`[A-Za-z0-9_-]{20,64}(?:\.[A-Za-z0-9.]{2,20})?`,
    ],
    { least: 20 },
  ),
  shape('bitbucket-token', 'bitbucket', [['ATBB'], word(32)], { least: 32 }),
  shape('atlassian-token', 'atlassian', [['ATATT3x', 'ATCTT3x'], '[A-Za-z0-9_=-]{60,220}'], {
    least: 60,
  }),
  // `//HOST/:_authToken=…` (npm's documentation of `.npmrc`): the line says at which registry.
  place(
    'npm-token',
    'npm',
    [
      String.raw`\.?npmrc`,
      String.raw`^//(?<host>[\w.-]{1,253})(?::\d{1,5})?(?:/[^\s:=]{0,200})?:(?<key>_authToken)[ \t]{0,4}=[ \t]{0,4}["']?(?<secret>[A-Za-z0-9_./+=-]{16,400})`,
    ],
    { starts: ['npm_'] },
  ),
  shape('npm-token', 'npm', [['npm_'], word(36)], { least: 36 }),
  called('npm-token', 'npm', [['_authtoken'], '[A-Za-z0-9_./+=-]{16,400}']),
  called('npm-login', 'npm', [['_auth', '_password'], '[A-Za-z0-9+/]{8,400}={0,2}'], {
    files: /(?:^|\/)\.?npmrc$/,
    guessable: true,
  }),
  shape('pypi-token', 'pypi', [['pypi-AgE'], wordy(50, 400)], { least: 50 }),
  shape('rubygems-key', 'rubygems', [['rubygems_'], '[a-f0-9]{48}'], { least: 48 }),
  shape('crates-token', 'crates', [['cio'], word(32)], { least: 32 }),
  shape('nuget-key', 'nuget', [['oy2'], '[a-z0-9]{43}'], { least: 43 }),
  shape('docker-token', 'docker', [['dckr_pat_', 'dckr_oat_'], wordy(27, 32)], { least: 27 }),
  shape('buildkite-token', 'buildkite', [['bkua_', 'bkct_', 'bkpt_'], word(36, 64)], { least: 36 }),
  shape('circleci-token', 'circleci', [['CCIPAT_', 'CCIPRJ_'], '[A-Za-z0-9_]{40,80}'], {
    least: 40,
  }),
  shape('doppler-token', 'doppler', [
    ['dp.pt.', 'dp.st.', 'dp.sa.', 'dp.ct.', 'dp.scim.', 'dp.audit.'],
    '(?:[a-z0-9_-]{2,35}\\.)?[A-Za-z0-9]{40,44}',
  ]),
  shape('vault-token', 'vault', [['hvs.', 'hvb.'], wordy(24, 300)], { least: 24 }),
  within('terraform-token', 'terraform', [
    ['.atlasv1.'],
    String.raw`[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}`,
  ]),
  shape('pulumi-token', 'pulumi', [['pul-'], '[a-f0-9]{40}'], { least: 40 }),
  shape('onepassword-token', 'onepassword', [['ops_eyJ'], '[A-Za-z0-9+/=_-]{200,2000}'], {
    least: 200,
    most: 2100,
  }),
  shape('age-key', 'age', [['AGE-SECRET-KEY-1'], '[02-9AC-HJ-NP-Z]{58}'], { least: 58 }),
  shape('postman-key', 'postman', [['PMAK-'], '[a-f0-9]{24}-[a-f0-9]{34}'], { least: 24 }),
]
