/** Secrets of every kind, each unlike any other, and everywhere that one could have got to. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Those that stand in an address are plain; the others hold what has to be escaped somewhere. */
export const kinds = {
  resticFile: 'hard',
  resticEnv: 'hard',
  resticCommand: 'hard',
  resticEnvironment: 'hard',
  resticUrl: 'plain',
  borgFile: 'hard',
  rcloneConfig: 'hard',
  ntfyToken: 'plain',
  ntfyPassword: 'hard',
  smtpPassword: 'hard',
  webhookUrl: 'plain',
  webhookHeader: 'plain',
  webhookSecret: 'hard',
  slackUrl: 'plain',
  discordUrl: 'plain',
  telegramToken: 'plain',
  gotifyToken: 'plain',
  matrixToken: 'plain',
  pushoverToken: 'plain',
  pushoverUser: 'plain',
  appriseUrl: 'plain',
  appriseApi: 'plain',
  healthchecksUrl: 'plain',
  heartbeatUrl: 'plain',
  pushPassword: 'hard',
  otlpToken: 'plain',
  otlpHeader: 'plain',
  serverToken: 'plain',
  serverPassword: 'hard',
} as const
export type Kind = keyof typeof kinds

const names = Object.keys(kinds) as Kind[]
export const secrets = Object.fromEntries(
  names.map((kind) => {
    const plain = `${randomBytes(5).toString('hex')}-${kind}-${randomBytes(3).toString('hex')}`
    return [kind, kinds[kind] === 'hard' ? `${plain}"&%/+ ü` : plain]
  }),
) as Record<Kind, string>

/** So that half of one is found too. */
const telling = 12

const formsOf = (secret: string): string[] => {
  const begin = Buffer.from(secret.slice(0, 18))
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), begin]).toString('base64')
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + begin.length) * 8) / 6))
  })
  return [secret.slice(0, telling), ...base64, begin.toString('hex'), begin.toString('hex').toUpperCase()]
}
const forms = names.map((kind) => [kind, formsOf(secrets[kind])] as const)

/** @returns Kinds of the secrets that stand in it, in whatever form. */
export const secretsIn = (text: string): Kind[] =>
  forms.flatMap(([kind, all]) => (all.some((form) => text.includes(form)) ? [kind] : []))

/** Every file below a folder, one character a byte. */
export const filesIn = (folder: string): (readonly [name: string, text: string])[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'latin1')] as const)
