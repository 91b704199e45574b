/** Apprise, for the hundred services it knows: by its program, or by its API. Source: github.com/caronc/apprise, apprise-api. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Message } from '../../../../model/delivery.ts'
import type { Secret } from '../../../../model/secret.ts'
import { childEnvironment } from '../../../../system/environment.ts'
import type { Notifier, SendIo, Sent } from '../../notifier.ts'
import { postPages } from '../../pages.ts'
import { handOver } from '../../program.ts'
import { textOf } from '../../words.ts'

interface Settings {
  readonly urls?: readonly Secret[] | undefined
  readonly program: string
  readonly api?: Secret
  readonly tag?: string | undefined
  readonly ca?: string
}

const types = { good: 'success', warning: 'warning', critical: 'failure' } as const
/** Apprise itself cuts for each service as much as that takes. */
const mostBytes = 30_000

export const notifier: Notifier<Settings> = {
  kind: 'apprise',
  async send({ urls, program, api, tag, ca }, { message, parts }, io): Promise<Sent> {
    if (api !== undefined)
      return postPages({ message, parts }, mostBytes, io, (body, title) => ({
        url: api,
        ca,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ title, body, type: types[message.severity], format: 'text', ...(tag && { tag }) }),
      }))
    return byProgram({ urls, program, tag }, message, io)
  },
}

async function byProgram(
  { urls, program, tag }: Pick<Settings, 'urls' | 'program' | 'tag'>,
  message: Message,
  io: SendIo,
): Promise<Sent> {
  const args = [
    ...(tag === undefined ? [] : [`--tag=${tag}`]),
    `--title=${message.title}`,
    `--notification-type=${types[message.severity]}`,
    '--input-format=text',
  ]
  const call = { command: program, input: textOf(message) }
  if (urls === undefined) return handOver({ ...call, environment: childEnvironment({}, io.env), args }, io)
  // The addresses hold secrets: they go in a file that only this user can read, never as arguments.
  const folder = await mkdtemp(join(tmpdir(), 'muster-apprise-'))
  try {
    const config = join(folder, 'urls.conf')
    await writeFile(config, `${urls.map((url) => url.reveal().replaceAll(/[\r\n]/g, '')).join('\n')}\n`, {
      mode: 0o600,
    })
    return await handOver(
      { ...call, environment: childEnvironment({}, io.env), args: [`--config=${config}`, ...args] },
      io,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
