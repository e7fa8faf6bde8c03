/** Programs that run what stands behind them. What they run is judged; they themselves do nothing. */
import { argvOf, flagsOf } from './argv.ts'
import type { Argv, Flags } from './argv.ts'
import type { Fed } from './run.ts'
import { argOf } from './arg.ts'
import type { Arg } from './arg.ts'

/** What a wrapper runs. */
export type Inner =
  /** A program with its words. */
  | { readonly kind: 'argv'; readonly argv: readonly Arg[]; readonly isFed: boolean }
  /** A text for a shell. */
  | { readonly kind: 'script'; readonly text: Arg }

export interface Wrapper {
  readonly flags: Flags
  /** Words before the command: `timeout 5 CMD`, `ssh HOST CMD`. */
  readonly skip: number
  /** The words by which it becomes one: `docker exec`; the first is the program. */
  readonly sub: readonly string[]
  /** The command is one text, or its words are joined to one. */
  readonly isScript: boolean
  /** Flags whose value is a text for a shell: `-c`. */
  readonly texts: readonly string[]
  /** It needs `--` before the command, or there is none. */
  readonly needsDashes: boolean
  /** `A=b` before the command sets a variable. */
  readonly sets: boolean
  /** The word before the command may be a program's own image: `docker run restic/restic forget`. */
  readonly isImage: boolean
  /** It adds words of its own that nobody here knows: `xargs`. */
  readonly adds: boolean
}

type Made = Partial<Omit<Wrapper, 'flags' | 'sub'>> & {
  readonly valued?: string
  readonly plain?: string
}

function wrapper(names: string, made: Made = {}): readonly (readonly [string, Wrapper])[] {
  const { valued = '', plain = '', ...rest } = made
  return names.split(', ').map((name) => {
    const [program = '', ...sub] = name.split(' ')
    const plainly = {
      skip: 0,
      isScript: false,
      texts: [],
      needsDashes: false,
      sets: false,
      isImage: false,
      adds: false,
    }
    return [program, { ...plainly, ...rest, sub, flags: flagsOf(valued, plain) }]
  })
}

const containers =
  '-e --env --env-file -u --user -w --workdir --name -v --volume --mount -p --publish --network --net --platform --entrypoint -l --label -h --hostname --add-host --memory -m --cpus --restart --index --detach-keys --pull --link --gpus --shm-size --ulimit --cap-add --cap-drop --security-opt --tmpfs --device --dns --log-driver --volumes-from --privileged-x'
const kubectl =
  '-n --namespace -c --container --context --kubeconfig --cluster --user -s --server --token --as -f --filename --pod-running-timeout -l --selector --image --overrides'

/** By program; a program may be several, by its next words. */
export const wrappers: ReadonlyMap<string, readonly Wrapper[]> = grouped([
  ...wrapper('sudo, doas', {
    valued:
      '-u -g -p -C -h -r -t -T -U -D -R -a --user --group --prompt --close-from --host --role --type --command-timeout --other-user --chdir --chroot',
    sets: true,
  }),
  ...wrapper('env', {
    valued: '-u -C -P --unset --chdir --argv0 -a',
    sets: true,
    texts: ['-S', '--split-string'],
  }),
  ...wrapper('nice', { valued: '-n --adjustment' }),
  ...wrapper('ionice', { valued: '-c -n --class --classdata' }),
  ...wrapper(
    'nohup, setsid, command, builtin, time, busybox, toybox, unbuffer, chronic, eatmydata, fakeroot, proxychains, proxychains4, torsocks, catchsegv, winpty, caffeinate, wine, pkexec, sem, dumb-init, tini',
    { valued: '-f -o --format --output' },
  ),
  ...wrapper('exec', { valued: '-a' }),
  ...wrapper('stdbuf', { valued: '-i -o -e --input --output --error' }),
  ...wrapper('timeout, gtimeout', { valued: '-k -s --kill-after --signal', skip: 1 }),
  ...wrapper('chrt, taskset, chroot', { skip: 1, valued: '--userspec --groups -T -P -D' }),
  ...wrapper('strace, ltrace, perf stat', { valued: '-o -e -p -s -u -E -I' }),
  ...wrapper('flock', { valued: '-w --timeout -E', skip: 1, texts: ['-c', '--command'] }),
  ...wrapper('watch, entr', { valued: '-n --interval', isScript: true }),
  ...wrapper('xargs, parallel', {
    valued:
      '-I -J -R -S -n -P -L -d -a -E -s --max-args --max-procs --max-lines --delimiter --arg-file --process-slot-var --max-chars -j --jobs --colsep --joblog --results --tagstring',
    adds: true,
  }),
  ...wrapper('su, runuser', { valued: '-g -s --shell', skip: 1, texts: ['-c', '--command'] }),
  ...wrapper('systemd-run', {
    valued: '-p -u --unit --property --uid --gid -E --setenv --on-calendar --slice -M',
  }),
  ...wrapper('nsenter, unshare', { valued: '-t --target -S -G --setuid --setgid' }),
  ...wrapper('script', { valued: '-O -I -B -T', texts: ['-c', '--command'], skip: 99 }),
  ...wrapper('ssh', {
    valued: '-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w',
    skip: 1,
    isScript: true,
  }),
  ...wrapper('sshpass', { valued: '-p -f -d -P' }),
  ...wrapper('mosh', { valued: '--ssh --port -p', skip: 1 }),
  ...wrapper(
    'docker exec, docker container exec, podman exec, nerdctl exec, docker compose exec, docker-compose exec, podman-compose exec',
    { valued: `${containers} -f --file --project-name`, skip: 1 },
  ),
  ...wrapper('docker compose run, docker-compose run', {
    valued: `${containers} -f --file --project-name`,
    skip: 1,
  }),
  ...wrapper('docker run, docker container run, podman run, nerdctl run', {
    valued: containers,
    skip: 1,
    isImage: true,
  }),
  ...wrapper('kubectl exec, oc exec, k exec', { valued: kubectl, skip: 1, needsDashes: false }),
  ...wrapper('kubectl run, kubectl debug, oc rsh', { valued: kubectl, skip: 1, needsDashes: true }),
  ...wrapper('npx, pnpx, bunx, uvx, pipx run, pnpm dlx, yarn dlx, bun x, npm exec, npm x', {
    valued: '-p --package --node-arg --registry --python --with --from --cache',
    plain: '-y --yes --no --no-install -q --quiet',
    texts: ['-c', '--call'],
  }),
  ...wrapper(
    'pnpm exec, yarn exec, bundle exec, poetry run, pipenv run, pdm run, uv run, rye run, hatch run, mise exec, asdf exec, rtx exec, conda run, devbox run',
    {
      valued: '-C --dir --filter -F --with --project --python -n --name --env-file',
    },
  ),
  ...wrapper(
    'doppler run, op run, infisical run, dotenv run, chamber exec, aws-vault exec, envchain, direnv exec, teller run, sops exec-env, saml2aws exec, vault-env, railway run, vercel env run, granted exec',
    {
      valued:
        '-p --project -c --config -e --env --env-file -t --token --path --profile -s --service --environment --duration',
      skip: 0,
      needsDashes: false,
    },
  ),
  ...wrapper('cross-env, cross-env-shell', { sets: true }),
  ...wrapper('dotenv, dotenv-cli, dotenvx run, env-cmd', {
    valued: '-e -f -c -v -o -p --environments --file',
  }),
  ...wrapper('sail, lando, ddev exec, ddev, fin, warden, sail exec', { valued: '-s --service' }),
  ...wrapper('nix-shell', { valued: '-p -A -I', skip: 99, texts: ['--run', '--command'] }),
  ...wrapper('nix develop, nix shell, nix run', { valued: '--command-x', skip: 99, texts: [] }),
  ...wrapper('fly ssh console, flyctl ssh console', {
    valued: '-a --app -r --region -s --select -u --user --machine -g',
    skip: 99,
    texts: ['-C', '--command'],
  }),
  ...wrapper('heroku run, heroku run:detached', {
    valued: '-a --app -r --remote -s --size -e --env --type',
  }),
  ...wrapper('railway ssh', {
    valued: '-p --project -s --service -e --environment -d --deployment-instance',
  }),
  ...wrapper('gcloud compute ssh', { valued: '--zone --project', skip: 99, texts: ['--command'] }),
  ...wrapper('tmux new-session, tmux new, tmux new-window, tmux split-window', {
    valued: '-s -n -c -t -x -y -F',
    isScript: true,
  }),
  ...wrapper('tmux send-keys', { valued: '-t -N', isScript: true }),
  ...wrapper('git submodule foreach', { plain: '--recursive -q --quiet', isScript: true }),
])

function grouped(
  all: readonly (readonly [string, Wrapper])[],
): ReadonlyMap<string, readonly Wrapper[]> {
  const found = new Map<string, Wrapper[]>()
  for (const [name, one] of all) found.set(name, [...(found.get(name) ?? []), one])
  return found
}

/** What it runs with these words behind its name; nothing where it runs nothing (`sudo -v`, `docker ps`). `fed`: what it reads. */
export function innerOf(wrapper: Wrapper, args: readonly Arg[], fed: Fed): readonly Inner[] {
  const from = begins(wrapper.sub, args)
  if (from === null) return []
  const rest = args.slice(from).filter(({ text }, nth) => nth > 0 || text !== '-')
  const { flags, words, behind } = argvOf(rest, withTexts(wrapper), wrapper.skip)
  const texts = wrapper.texts.flatMap((flag) => flags.get(flag) ?? [])
  const argv = behind ?? (wrapper.needsDashes ? [] : restBehind(rest, wrapper, words.length))
  if (texts.length > 0)
    return texts.map((text): Inner => ({
      kind: 'script',
      text: joined([text, ...(wrapper.skip > 50 ? [] : argv)]),
    }))
  const set = wrapper.sets ? argv.findIndex(({ text }) => !/^\w+\+?=/.test(text)) : 0
  const told = argv.slice(set < 0 ? argv.length : set)
  if (wrapper.adds) return added(told, flags, fed)
  const image = wrapper.isImage ? words[0] : undefined
  if (image !== undefined) return contained(image, rest.slice(image.at + 1), told)
  return wholly(told, wrapper.isScript)
}

/** Joined to one text quotes are lost: it is read both ways. */
function wholly(told: readonly Arg[], isScript: boolean): readonly Inner[] {
  if (told.length === 0) return []
  const whole: Inner = { kind: 'argv', argv: told, isFed: true }
  return isScript
    ? [{ kind: 'script', text: joined(told) }, ...(told.length > 1 ? [whole] : [])]
    : [whole]
}

/** The command that it names, and the image as the program of all that stands behind it. */
function contained(image: Arg, behind: readonly Arg[], told: readonly Arg[]): readonly Inner[] {
  const program = { ...image, text: image.text.replace(/(?::[^/]*|@[^/]*)$/, ''), isKnown: true }
  return [...wholly(told, false), ...wholly([program, ...behind], false)]
}

function withTexts({ flags, texts }: Wrapper): Flags {
  return { ...flags, valued: new Set([...flags.valued, ...texts]) }
}

/** What nobody here knows. */
const something: Arg = { text: '…', isKnown: false, isGlob: false }
/** Lines that a wrapper is fed, each for a run of its own. */
const mostLines = 12

/** `xargs` and `parallel`: each line of what it reads is put in the place of `{}`, or behind. */
function added(told: readonly Arg[], flags: Argv['flags'], fed: Fed): readonly Inner[] {
  const at = told.findIndex(({ text }) => /^:::\+?$/.test(text))
  const lines = at >= 0 ? told.slice(at + 1) : linesOf(fed)
  const command = at >= 0 ? told.slice(0, at) : told
  const mark =
    ['-I', '-J', '--replace', '-i']
      .map((flag) => flags.get(flag)?.at(-1)?.text)
      .find((one) => one !== undefined) ?? '{}'
  const isMarked = mark !== '' && command.some(({ text }) => text.includes(mark))
  return lines.slice(0, mostLines).map((line): Inner => {
    if (command.length === 0) return { kind: 'script', text: line }
    const argv = isMarked
      ? command.map((one) =>
          one.text.includes(mark)
            ? {
                ...line,
                text: one.text.replaceAll(mark, line.text),
                isKnown: one.isKnown && line.isKnown,
              }
            : one,
        )
      : [...command, line]
    return { kind: 'argv', argv, isFed: false }
  })
}

function linesOf(fed: Fed): readonly Arg[] {
  if (fed.kind !== 'text') return [something]
  const lines = fed.text.split('\n').filter((line) => line.trim() !== '')
  return lines.length === 0 || lines.length > mostLines ? [something] : lines.map(argOf)
}

/** Where the words behind the sub command begin; null where it is another. Flags may stand between: `docker -H x exec`. */
function begins(sub: readonly string[], args: readonly Arg[]): number | null {
  let at = 0
  for (const word of sub) {
    while (args[at]?.text.startsWith('-') === true) at += 1
    // A flag before it may have taken a value.
    if (args[at]?.text !== word && args[at + 1]?.text === word && at > 0) at += 1
    if (args[at]?.text !== word) return null
    at += 1
  }
  return at
}

function restBehind(rest: readonly Arg[], { flags, skip }: Wrapper, found: number): readonly Arg[] {
  if (found < skip) return []
  const first = argvOf(rest, flags, skip + 1).words[skip]
  return first === undefined ? [] : rest.slice(first.at)
}

function joined(args: readonly Arg[]): Arg {
  return {
    ...argOf(args.map(({ text }) => text).join(' ')),
    isKnown: args.every(({ isKnown }) => isKnown),
  }
}
