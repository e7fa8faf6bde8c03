import { expect, test } from 'vitest'
import { readShell } from '../../classify/shell/read.ts'
import { isOwn } from '../../classify/own.ts'
import { Watch } from './lifeline.ts'

function touches(text: string): boolean {
  const watch = new Watch()
  const readers = { sql: () => [], graphql: () => [], file: () => null }
  readShell(text, { readers, cwd: '/srv/shop', saw: watch.saw })
  return watch.found.length > 0
}

test.each([
  'echo {} > ~/.cursor/hooks.json',
  'cat x >> firebreak.yaml',
  'rm -f .cursor/hooks.json',
  'cd ~/.cursor && rm hooks.json',
  'rm -rf .claude',
  'mv .github/hooks /tmp/away',
  'sed -i s/true/false/ .claude/settings.json',
  'cp /tmp/x .codex/config.toml',
  'echo x | sudo tee /etc/cursor/hooks.json',
  'bash -c "rm -rf .firebreak"',
  'git checkout -- .cursor/hooks.json',
  'git restore firebreak.yaml',
  'find .firebreak -delete',
  `python3 -c "open('.gemini/settings.json','w').write('{}')"`,
  'chmod 000 .firebreak/state.db',
  'truncate -s 0 ./a/../firebreak.yaml',
  'dd if=/dev/null of=firebreak.yaml',
  'ln -sf /dev/null .windsurf/hooks.json',
  'X=.cursor/hooks.json; rm $X',
  // They switch every hook off, or trust a folder.
  `echo '{"disableAllHooks": true}' > ~/.copilot/settings.json`,
  'cp /tmp/x ~/.copilot/config.json',
  'tee .github/copilot/settings.json',
  'echo {} > ~/.gemini/trustedFolders.json',
  'echo "forbid" > policies/mine.guard.cedar',
])('an agent does not write Firebreak’s own: %s', (text) => {
  expect(touches(text)).toBe(true)
})

test.each([
  'cat .cursor/hooks.json',
  'git diff firebreak.yaml',
  'git add .claude/settings.json && git commit -m "firebreak.yaml"',
  'cp firebreak.yaml /tmp/copy.yaml',
  'echo "see firebreak.yaml"',
  'grep -r x .firebreak',
  'touch .cursor/rules/a.mdc',
  'rm .cursor/rules/a.mdc',
  'firebreak explain --config firebreak.yaml',
  'ls -la ~/.claude',
  'npx prettier --check opencode.json',
  'sed -n 1p .claude/settings.json',
  'python3 -c "print(open(\'a.json\'))"',
])('reading it, and what stands beside it, is no matter: %s', (text) => {
  expect(touches(text)).toBe(false)
})

test.each([
  ['/home/a/.CLAUDE/Settings.json', true],
  ['/srv/shop/.claude/commands/x.md', false],
  ['/srv/shop/node_modules/firebreak/dist/hook.cjs', true],
  ['/srv/shop/hooks.json', false],
  ['/srv/shop/src/firebreak.ts', false],
])('%s: %s', (path, own) => {
  expect(isOwn(path)).toBe(own)
})
