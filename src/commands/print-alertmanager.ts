/** The block for an Alertmanager, on standard output. */
import { resolve } from 'node:path'
import { parse } from 'yaml'
import type { Config } from '../config/schema.ts'
import { parseMatcher, usualNames } from '../model/matcher.ts'
import type { Problem } from '../model/problem.ts'
import { alertmanagerBlock } from '../outlets/alertmanager/block.ts'
import { alerts } from '../outlets/rules/catalog.ts'
import type { AlertmanagerOptions } from './alertmanager.ts'
import { exitCodes } from './exit.ts'
import { openConfig, tellProblem } from './open.ts'

export async function printAlertmanager({ url, match, whole, ...options }: AlertmanagerOptions): Promise<number> {
  const bad = match.filter((text) => parseMatcher(text) === undefined)
  for (const text of bad) tellProblem(badMatcher(text))
  const { config } = await openConfig(options)
  const target = targetOf(url ?? config.page ?? `http://${config.server.listen}/`)
  if (target === undefined) tellProblem(badUrl(url ?? ''))
  if (bad.length > 0 || target === undefined) return exitCodes.usage
  const yaml = blockFor(config, target, match, whole === true)
  process.stdout.write(options.json === true ? `${JSON.stringify(parse(yaml), undefined, 2)}\n` : yaml)
  for (const note of notesOf(config, match)) process.stderr.write(`${note}\n`)
  return exitCodes.fine
}

/** @param url Where alerts are posted. */
export function blockFor(config: Config, url: string, match: readonly string[] = [], isWhole = false): string {
  const file = tokenFile(config)
  return alertmanagerBlock({
    url,
    names: [...new Set([...usualNames, ...alerts.map(({ name }) => name)])],
    matchers: [...(config.inbox?.alerts ?? []), ...(match.length > 0 ? [match] : [])],
    ...(file !== undefined && { credentialsFile: file }),
    isWhole,
  })
}

/** With the path of alerts, where only the address of Muster was given. */
function targetOf(text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  if (/\/(?:alert|api\/v1\/alerts)$/.test(url.pathname)) return url.href
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/alert`
  return url.href
}

/** The file with the token is read by the Alertmanager, too; any other source it cannot ask. */
const unknownFile = '/etc/alertmanager/muster.token'

function tokenFile({ inbox, server }: Config): string | undefined {
  const tokens = inbox?.tokens ?? []
  const isAsked = tokens.length > 0 || server.auth !== undefined
  for (const token of tokens) if (typeof token === 'object' && 'file' in token) return resolve(token.file)
  return isAsked ? unknownFile : undefined
}

function notesOf(config: Config, match: readonly string[]): string[] {
  const file = tokenFile(config)
  const list = `[${match.map((text) => `'${text.replaceAll("'", "''")}'`).join(', ')}]`
  return [
    ...(match.length > 0
      ? [
          `What --match names is looked into where Muster knows it, too.\n    → Write it into its configuration: inbox: { alerts: [${list}] }.`,
        ]
      : []),
    ...(config.inbox === undefined
      ? ['Muster takes no alerts yet.\n    → Write `inbox: {}` into its configuration.']
      : []),
    ...(file === unknownFile
      ? [`The Alertmanager has to show a token.\n    → Put one of inbox.tokens into ${file} there.`]
      : []),
  ]
}

const badMatcher = (text: string): Problem => ({
  code: 'alertmanager.match',
  message: `${JSON.stringify(text)} is no matcher.`,
  next: 'Write --match \'alertname=~"Velero.*"\', with =, !=, =~ or !~.',
  retry: 'never',
})
const badUrl = (text: string): Problem => ({
  code: 'alertmanager.url',
  message: `${JSON.stringify(text)} is no address of the web.`,
  next: 'Write --url http://backup:9121, as the Alertmanager reaches it.',
  retry: 'never',
})
