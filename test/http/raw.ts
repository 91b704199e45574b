/** HTTP over a bare socket: what no polite client sends. */
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

const portOf = (url: string): number => Number(new URL(url).port)

export function openSocket(url: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(portOf(url), '127.0.0.1')
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Sends `text` as it stands and reads until the server closes. */
export async function sendRaw(url: string, text: string, limitMs = 10_000): Promise<RawAnswer> {
  const socket = await openSocket(url)
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(text, 'latin1')
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The server kept the connection open.')), limitMs)
    socket.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    socket.on('error', () => {})
  }).finally(() => socket.destroy())
  return parse(Buffer.concat(chunks).toString())
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [first = '', ...lines] = head.split('\r\n')
  const headers = lines.map(
    (line) => line.split(/:\s*/, 1).concat(line.slice(line.indexOf(':') + 1).trim()) as [string, string],
  )
  return {
    status: Number(first.split(' ')[1] ?? 0),
    headers: new Map(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: rest.join('\r\n\r\n'),
  }
}

/** A GET that asks the server to close behind it. */
export const get = (url: string, path: string, rest = ''): Promise<RawAnswer> =>
  sendRaw(url, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${portOf(url)}\r\n${rest}Connection: close\r\n\r\n`)
