/**
 * A line that takes time: passes on TCP to a port of this machine, and holds each direction back.
 * A process of its own, so that its work is not taken for ours: `node delay-proxy.ts PORT MS`; it prints the port to connect to.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Passes on what comes, so much later, and its end as well. */
function delayed(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => void setTimeout(() => to.writable && to.write(chunk), delayMs))
  from.on('end', () => void setTimeout(() => to.end(), delayMs))
  from.on('close', () => void setTimeout(() => to.destroy(), delayMs))
  from.on('error', () => {})
}

async function serve(port: number, delayMs: number): Promise<void> {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    client.pause()
    // A connection takes a round trip as well: nothing is passed on before.
    const target = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    delayed(target, client, delayMs)
    setTimeout(() => {
      delayed(client, target, delayMs)
      client.resume()
    }, 2 * delayMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
}

export interface DelayProxy extends AsyncDisposable {
  readonly port: number
}

/** @param delayMs Of one direction: half a round trip. */
export async function openDelayProxy(port: number, delayMs: number): Promise<DelayProxy> {
  const child: ChildProcess = spawn(process.execPath, [import.meta.filename, String(port), String(delayMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (child.stdout === null) throw new Error('no output')
  const [line] = await once(createInterface(child.stdout), 'line')
  return {
    port: Number(line),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

if (import.meta.main) await serve(Number(process.argv[2]), Number(process.argv[3]))
