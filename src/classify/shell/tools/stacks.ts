/** What describes whole systems: a plan is read; an apply is held where nobody has looked. */
import { rule, tool } from '../tool.ts'
import type { Rule } from '../tool.ts'
import { gone, guard, over } from './rows.ts'
import type { Rows } from './rows.ts'

const terraform = (): readonly Rule[] => [
  gone('destroy', 'takes everything that the state knows away'),
  gone('apply', 'takes everything that the state knows away', { only: '-destroy --destroy' }),
  gone('apply', 'changes what runs without a look at the plan', {
    only: '-auto-approve --auto-approve',
    but: '-destroy',
  }),
  rule('apply *', ['unread'], 'does what a plan says, which nobody here has read', {
    like: /\.(tfplan|plan|out|bin)$|^(tfplan|plan)$/,
  }),
  guard('state rm|push|replace-provider', 'makes it forget what runs'),
  guard('force-unlock', 'takes the lock of another run away'),
  over('taint', 'has a thing taken away and made anew'),
  gone('workspace delete', 'takes a state away'),
  over('apply|plan', 'has things taken away and made anew', { only: '-replace', but: '-x' }),
]

export const stacks: Rows = [
  ...['terraform', 'tofu', 'opentofu'].map(
    (name) =>
      [
        name,
        tool(terraform, {
          isGo: true,
          valued: '-target -var -var-file -state -backend-config -parallelism -lock-timeout',
          plain: '-auto-approve -destroy -json -no-color -input=false',
          instead: 'have the plan read: `terraform plan -out=tfplan`',
          shows: '-help',
        }),
      ] as const,
  ),
  [
    'terragrunt',
    tool(
      () => [
        ...terraform(),
        gone('run-all|run destroy', 'takes everything that the states know away'),
        gone('destroy-all', 'takes everything that the states know away'),
        gone('run-all|run apply', 'changes all that runs without a look at the plan', {
          only: '--terragrunt-non-interactive --non-interactive -auto-approve',
        }),
      ],
      {
        isGo: true,
        valued: '--terragrunt-working-dir --working-dir -var -var-file -target --config',
        plain: '--all -a',
      },
    ),
  ],
  [
    'cdktf',
    tool(() => [
      gone('destroy', 'takes a stack away'),
      gone('deploy', 'changes what runs without a look', { only: '--auto-approve' }),
    ]),
  ],
  [
    'pulumi',
    tool(
      () => [
        gone('destroy|down|dn', 'takes everything in the stack away', { but: '--preview-only' }),
        gone('stack rm|remove', 'takes a stack away'),
        guard('state delete|unprotect', 'makes it forget what runs'),
        over('up|update|refresh', 'changes what runs without a look', {
          only: '-y --yes --skip-preview',
        }),
        guard('cancel', 'takes the lock of another run away'),
      ],
      {
        valued: '-s --stack -C --cwd -c --config -t --target -p --parallel --color',
        instead: 'show it first: `pulumi preview`',
      },
    ),
  ],
  [
    'cdk',
    tool(
      () => [
        gone('destroy', 'takes a stack with all that it holds away'),
        over('deploy', 'changes what runs without a look', {
          only: '--require-approval=never --force',
        }),
      ],
      { valued: '-a --app -c --context --profile --require-approval --role-arn' },
    ),
  ],
  ...['serverless', 'sls'].map(
    (name) =>
      [
        name,
        tool(
          () => [
            gone('remove', 'takes a service with its tables and buckets away'),
            over('rollback', 'puts older code in production'),
          ],
          { valued: '-s --stage -r --region -c --config --aws-profile' },
        ),
      ] as const,
  ),
  [
    'sst',
    tool(() => [gone('remove', 'takes a stage with all that it holds away')], {
      valued: '--stage --config',
    }),
  ],
  [
    'sam',
    tool(() => [gone('delete', 'takes a stack away')], {
      valued: '--stack-name --region --profile',
    }),
  ],
  [
    'copilot',
    tool(() => [gone('app|env|svc|job delete', 'takes an app with what it holds away')], {
      valued: '-a --app -n --name -e --env',
    }),
  ],
  ['eb', tool(() => [gone('terminate', 'takes an environment away')])],
]
