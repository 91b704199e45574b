/** `muster install`: a configuration that is right, what is to be written, and what systemd has to hear. */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { install, manifestPath, readManifest, readTexts } from '../app/install/disk.ts'
import { changes, planInstall } from '../app/install/plan.ts'
import { callAll, callsAfterInstall, isBooted } from '../app/install/system.ts'
import { leadingOut } from '../app/install/within.ts'
import { sayFinding } from '../config/finding.ts'
import { readText } from '../config/load.ts'
import { parseConfig } from '../config/parse.ts'
import { placeOf } from '../config/place.ts'
import type { Config } from '../config/schema.ts'
import { credentialsIn, type MailWish, renderMail, renderServiceConfig } from '../config/service-config.ts'
import { installedFiles, installedPaths } from '../outlets/systemd/files.ts'
import type { UnitWish } from '../outlets/systemd/unit.ts'
import { exitCodes } from './exit.ts'
import type { InstallOptions } from './install.ts'
import { agreed, below, isRoot, noRoot, refuse, rootOf, say, sayStep } from './install-common.ts'
import { blockFor } from './print-alertmanager.ts'

export async function runInstall(options: InstallOptions): Promise<number> {
  const root = rootOf(options.root)
  if (root === undefined) return refuse(`There is no folder ${options.root}.`, 'Make it, or name another one.')
  return isRoot(root) ? below(root, () => installBelow(root, options)) : noRoot('install')
}

async function installBelow(root: string, options: InstallOptions): Promise<number> {
  const out = leadingOut(root, [...installedPaths, manifestPath], [resolve(options.config)])
  if (out !== undefined) return refuse(out.message, out.next)
  const config = await configFor(options, root)
  if (typeof config === 'number') return config
  const wish = unitFor(options, config.config, root)
  if (typeof wish === 'number') return wish
  const files = installedFiles(wish)
  const steps = planInstall(files, readTexts(root, installedPaths), readManifest(root).files, installedPaths)
  const changed = changes(steps)
  const kept = steps.filter(({ what }) => what === 'kept')
  for (const step of [...changed, ...kept]) say(sayStep(step, root))
  if (config.write !== undefined) say(`${config.write.isNew ? 'write  ' : 'add to '} ${root}${config.write.path}`)
  if (changed.length === 0 && config.write === undefined) {
    say(kept.length === 0 ? 'Nothing to do: Muster is installed as it should be.' : 'Nothing was changed.')
    return kept.length === 0 ? exitCodes.fine : keptAside()
  }
  if (options.yes !== true) {
    const answer = await agreed('Install Muster so?')
    if (answer === undefined) return refuse('Nobody can be asked here; nothing was written.', 'Add --yes.')
    if (!answer) return refuse('Nothing was written.', 'Start again when you like.', exitCodes.interrupted)
  }
  await install(root, steps, config.write)
  if (root === '') {
    const isUpdate = steps.some(({ path, what }) => path.endsWith('.service') && what === 'update')
    const calls = callsAfterInstall(wish.kind, isUpdate)
    const trouble = isBooted() ? await callAll(calls) : 'systemd does not run this machine'
    if (trouble !== undefined) {
      const next = `Put that right, then: ${calls.map((call) => call.join(' ')).join(' && ')}`
      return refuse(`The files are in place, but ${trouble}`, next, exitCodes.failed)
    }
  }
  told(config.config, wish)
  return kept.length === 0 ? exitCodes.fine : keptAside()
}

const keptAside = (): number =>
  refuse(
    'What somebody changed was left as it is.',
    'Settings of your own go into a file beside it: systemctl edit muster. Move the changed one away, and install again.',
    exitCodes.warnings,
  )

const rightsOf: Readonly<Record<UnitWish['kind'], string>> = {
  watcher: 'it watches, without any right of root',
  runner: 'it runs backups, and may read all files',
  node: 'it watches a node of NethServer 8, as root, because runagent wants it',
}

function told(config: Config, { kind, credentials }: UnitWish): void {
  say(`Muster is installed: ${rightsOf[kind]}.`)
  for (const name of credentials)
    say(`The credential ${name} is read from /etc/credstore/${name} (mode 0600, of root).`)
  const { inbox } = config
  if (inbox?.poll !== undefined) {
    say(`Alerts are asked for at ${inbox.poll.url}; no receiver is needed there.`)
    return
  }
  say('For an Alertmanager:\n')
  say(blockFor(config, `http://${config.server.listen}/alert`))
}

interface Configured {
  readonly config: Config
  readonly write?: { readonly path: string; readonly text: string; readonly isNew: boolean }
}

/** The configuration as it will be. @returns An exit code where there is none that is right. */
async function configFor(options: InstallOptions, root: string): Promise<Configured | number> {
  const path = resolve(options.config)
  const isThere = existsSync(join(root, path))
  const old = isThere ? readText(join(root, path)) : ''
  if (typeof old !== 'string') return refuse(sayFinding(path, old), old.next)
  const hasNotify = /^notify:/m.test(old)
  const mail = hasNotify ? undefined : await mailFor(options, isThere)
  if (typeof mail === 'number') return mail
  if (hasNotify && (options.from !== undefined || options.to !== undefined))
    say(`${path} says already who is told; --from and --to change nothing there.`)
  const text =
    !isThere && mail !== undefined
      ? renderServiceConfig(mail)
      : mail === undefined
        ? old
        : `${old.trimEnd()}\n${renderMail(mail)}`
  const { config, errors } = parseConfig(text)
  if (config === undefined) {
    for (const error of errors) process.stderr.write(`${sayFinding(path, error)}\n`)
    return refuse(
      `${path} ${isThere ? 'is not right' : 'would not be right'}; nothing was written.`,
      isThere
        ? 'Correct it (muster config check), then install again.'
        : 'Write one: muster init --file /etc/muster/muster.yaml',
    )
  }
  return { config, ...(text !== old && { write: { path, text, isNew: !isThere } }) }
}

/** Who is told by mail. Where there is a configuration, that is not asked for. */
async function mailFor(options: InstallOptions, isThere: boolean): Promise<MailWish | undefined | number> {
  const { from, to, smtp } = options
  const ns8 = options.ns8 ?? (options.root === undefined && isInPath('runagent'))
  if (from !== undefined && to !== undefined) return { from, to, smtp, ns8 }
  if (from !== undefined || to !== undefined)
    return refuse('Of --from and --to one is missing.', 'Give both: --from muster@example.com --to ops@example.com')
  if (isThere) return undefined
  if (options.yes === true || process.stdin.isTTY !== true)
    return refuse(
      `There is no ${options.config}, and nothing says who is to be told.`,
      'Give --from ADDRESS --to ADDRESS, or write a configuration first: muster init --file /etc/muster/muster.yaml',
    )
  const { isCancel, text } = await import('@clack/prompts')
  const ask = (message: string, placeholder: string) => text({ message, placeholder })
  const sender = await ask('Who are mails from?', 'muster@example.com')
  const receiver = isCancel(sender) ? sender : await ask('Who gets them?', 'ops@example.com')
  if (isCancel(sender) || isCancel(receiver))
    return refuse('Nothing was written.', 'Start again when you like.', exitCodes.interrupted)
  return { from: sender, to: receiver.split(/[\s,]+/).filter((one) => one !== ''), smtp, ns8 }
}

const isInPath = (name: string): boolean =>
  (process.env.PATH ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, name)))

const isBelowHomes = (path: string): boolean => /^\/(?:home|root|run\/user)(?:\/|$)/.test(path)

/** Its modules' repositories, or its smarthost. */
const usesRunagent = ({ ns8, notify }: Config): boolean =>
  ns8 !== undefined || Object.values(notify).some((one) => 'ns8' in one && one.ns8 === true)

/** @returns An exit code where the unit could not start. */
function unitFor(options: InstallOptions, config: Config, root: string): UnitWish | number {
  const program = programFor(options, root)
  const needed = usesRunagent(config) ? 'node' : Object.keys(config.jobs).length > 0 ? 'runner' : 'watcher'
  const kind = options.kind ?? needed
  const hidden = program.find((part) => isBelowHomes(part))
  if (hidden !== undefined && kind === 'watcher')
    return refuse(
      `${hidden} is in a home, which the service does not see.`,
      'Install Muster for everybody (npm install -g pass-muster), or name the program: --program /usr/local/bin/muster',
    )
  const local = Object.values(config.repositories)
    .map(({ url }) => placeOf(url))
    .filter((place) => place.startsWith('/'))
  const { textfile } = config.metrics
  const written = [
    ...local,
    ...(textfile === undefined ? [] : [textfile.directory]),
    ...(config.state === undefined ? [] : [resolve('/etc/muster', config.state)]),
  ]
  return {
    kind,
    program,
    config: resolve(options.config),
    isLoopbackOnly: options.loopbackOnly === true,
    readsHomes: [options.config, ...local].some(isBelowHomes),
    // The first backup makes a repository that is not there yet.
    writable: [...new Set(written.map((path) => (existsSync(join(root, path)) ? path : dirname(path))))].filter(
      (path) => path !== '/' && !/\p{Cc}/u.test(path),
    ),
    credentials: credentialsIn(config),
  }
}

/** In an image this program is somewhere else. */
function programFor({ program }: InstallOptions, root: string): readonly string[] {
  if (program !== undefined) return [resolve(program)]
  if (root !== '') return ['/usr/local/bin/muster']
  return [process.execPath, realpathSync(process.argv[1] ?? '')]
}
