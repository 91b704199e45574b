/** A real SMTP server that keeps what it gets. */
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { type Mail, partsOf } from '../notify/parts-of-mail.ts'

export interface Smtp extends AsyncDisposable {
  /** `smtp://127.0.0.1:2525`. */
  readonly url: string
  readonly mails: readonly (Mail & { readonly to: readonly string[] })[]
}

export async function serveSmtp(): Promise<Smtp> {
  const mails: (Mail & { to: string[] })[] = []
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    disabledCommands: ['STARTTLS'],
    onData(stream, { envelope }, done) {
      let raw = ''
      stream.on('data', (data: Buffer) => {
        raw += data.toString('latin1')
      })
      stream.on('end', () => {
        mails.push({ ...partsOf(raw), to: envelope.rcptTo.map(({ address }) => address) })
        done()
      })
    },
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    mails,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** The value of a header, its lines joined. */
export const headerOf = ({ headers }: Mail, name: string): string =>
  headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? ''
