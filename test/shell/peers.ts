/** Where this project and the peers' corpus disagree, and why: each reason with the rows that it is about. */

/** Their labels are their own policy; a row of these tiers that is judged otherwise needs a reason here. */
export const reasoned = /^(local-fs|local-git|bypass|db|code|ops|infra\/(backup|storage|search))/

export interface Reason {
  readonly like: RegExp
  readonly why: string
}

/** Destructive to them, and not held here. */
export const misses: readonly Reason[] = [
  {
    like: /^rm (-\S+ |--\S+ )+(\.\/build|node_modules)$|^(busybox )?find \. -name "\*\.pyc" -delete$|^find \. -name '\*\.tmp' -exec rm/,
    why: 'what a build makes anew goes silently: nobody is asked about it many times a day',
  },
  {
    like: /^(busybox )?find \/(var\/)?tmp\b|^find "\$\(printf \/tmp|(xargs|parallel) find \/tmp\/|rmtree\(["']\/tmp\//,
    why: 'a folder for what is thrown away, whoever made what lies there',
  },
  {
    like: /^git (RESET|reset\\n|reset ‐)|^GIT CHECKOUT|^(1A|A-B|)=2 git|^(node|ruby|perl) -e "rm -rf \/"$/,
    why: 'runs nothing: no such command, no such program, or no code of that language',
  },
  {
    like: /^echo yes \| rm -rf &&/,
    why: '`rm` without a path takes nothing',
  },
  {
    like: /^echo ok \| (xargs|parallel)\b|^printf 'echo ok\\n' \| parallel$/,
    why: 'what it is fed is known here, and harmless',
  },
  {
    like: /^find src -type f \| sort \| xargs -I\{\} sh -c 'echo/,
    why: 'it prints; that a file’s name could be a command is not looked for',
  },
  {
    like: /shred (-u )?secret/,
    why: 'one file by its name, as every editor takes it',
  },
  {
    like: /^(borg delete --cache-only|restic cache --cleanup)$/,
    why: 'a cache of this machine: the backups stay',
  },
  {
    like: /:9200\/my-index\/_close$/,
    why: 'only availability: allowed with a finding, and opened again',
  },
  {
    like: /^rclone rmdir /,
    why: 'it takes an empty folder, and refuses any other',
  },
  {
    like: /^(printf '%s\\n'|echo) 'rm -rf \/'( \| xargs (sh -c '(eval|sh -c) "\$1"' _|bash -c))$/,
    why: '`xargs` hands over words: what is run is `rm` alone, which takes nothing',
  },
  {
    like: /^git push (origin )?(HEAD:)?master$/,
    why: 'an ordinary push: what others pull is not written over',
  },
  {
    like: /^git (-c alias\.nuke|-- reset|clean -nf|push --forc origin|checkout --track main file|push origin refs\/heads\/main:\+)/,
    why: 'git refuses it, shows only, or runs nothing of it',
  },
  {
    like: /^git (rebase|merge) --abor/,
    why: 'it goes back to where the branch was before: the way out that git names itself',
  },
  {
    like: /(GIT_SSH|core\.sshCommand|GIT_SSH_VARIANT)/,
    why: 'a program by its path is the agent’s own code; its text is read where it is one',
  },
  {
    like: /^(haproxy -s|service (haproxy|nginx)|systemctl stop (haproxy|nginx|traefik)|nginx -s|docker (kill|rm|stop) traefik|kubectl delete pod traefik|aws elbv2 deregister|echo '(disable|shutdown)|gh workflow disable)/,
    why: 'only availability, and started again in a moment',
  },
  {
    like: /^(pip3? uninstall|poetry remove|grafana-cli plugins uninstall|gh cache delete|aws cloudfront create-invalidation|ssh-add -[dD]|ssh-keygen )/,
    why: 'it is installed, built or written down again by one command',
  },
  {
    like: /^(\.\/gradlew|gradle) publish|^\.\/mvnw release|^mvn deploy|^poetry publish|^(fastly service version activate|wrangler deployments rollback|deck (gateway )?sync)/,
    why: 'a release is what they are for: nothing that was there is lost by it',
  },
  {
    like: /^scp /,
    why: 'it copies: what it writes over on the other side, nobody here can tell',
  },
  {
    like: /^ssh (host "rm -rf \.\/build"|user@host 'rm -rf \/tmp\/data')/,
    why: 'what a build makes anew, and a folder for what is thrown away, there as here',
  },
  {
    like: /^stripe (?!.*--live)/,
    why: 'without `--live` it is the test mode',
  },
  {
    like: /^(glab ci delete|gitlab-runner unregister --(name|url)|dig axfr|aws route53 delete-traffic-policy|java -jar jenkins-cli)/,
    why: 'a run or a worker that is made again, or a program that has no table yet',
  },
]

/** Harmless to them, and held here. */
export const alarms: readonly Reason[] = [
  {
    like: /^(vault (kv get|read)|aws secretsmanager get-secret-value|doppler secrets (get|download)|op read|az storage account keys list)\b/,
    why: 'a secret is printed: `expose` is held by PRODUCT.md, and is no loss to them',
  },
  {
    like: /^git push --force-with-lease/,
    why: 'it writes over what others pull as `--force` does (INCIDENTS I24)',
  },
  {
    like: /^git checkout --recurse-submodules (checkout|on-demand) main$/,
    why: 'git takes no value there without `=`: the second word is a path, and is written over (tried with git)',
  },
]

/** Held by a law of PRODUCT.md that the peers do not have: no alarm is false for it. */
export const byLaw = /^(vault |aws secretsmanager|doppler |op read|az storage account keys)/
