/** Programs that run what stands behind them, as data. */
import { flagsOf } from './argv.ts'
import type { Wrapper } from './wrappers.ts'

type Made = Partial<Omit<Wrapper, 'flags' | 'sub'>> & {
  readonly valued?: string
  readonly plain?: string
}

function wrapper(names: string, made: Made = {}): readonly (readonly [string, Wrapper])[] {
  const { valued, plain, ...rest } = made
  const whole = { ...plainly, ...rest, flags: flagsOf(valued, plain) }
  return names.split(', ').map((name) => {
    const [program = '', ...sub] = name.split(' ')
    return [program, { ...whole, sub }]
  })
}

const plainly = {
  skip: 0,
  isScript: false,
  texts: [],
  needsDashes: false,
  sets: false,
  isImage: false,
  adds: false,
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
  ...wrapper('script', { valued: '-O -I -B -T', skip: 1 }),
  ...wrapper('gosu, su-exec, repeat', { skip: 1 }),
  ...wrapper('noglob, nocorrect, -, run0, wsl', { valued: '-u -d --cd --user --chdir --unit' }),
  ...wrapper('setpriv', { valued: '--reuid --regid --groups --inh-caps --ambient-caps' }),
  ...wrapper('machinectl shell', { skip: 1, valued: '-E --setenv --uid' }),
  ...wrapper('zellij run', { valued: '-n --name -d --direction --cwd' }),
  ...wrapper('bun exec', { isScript: true }),
  ...wrapper('zargs', { needsDashes: true, adds: true }),
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
  ...wrapper('git submodule foreach', { plain: '--recursive -q --quiet', isScript: true }),
])

function grouped(
  all: readonly (readonly [string, Wrapper])[],
): ReadonlyMap<string, readonly Wrapper[]> {
  const found = new Map<string, Wrapper[]>()
  for (const [name, one] of all) found.set(name, [...(found.get(name) ?? []), one])
  return found
}
